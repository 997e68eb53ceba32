package import DioptraKitCore

/// The web front end: built from its sources once, then served as files.
package struct FrontendComponent: AdoptableComponent {
  package let id: ComponentID = "frontend"
  package let summary = "The web front end"
  package let requires: [ComponentID] = ["deployment", "tls", "nginx", "restapi"]
  package let isOptional = false

  package init() {}

  package var variables: [Variable] {
    [
      Variable(
        "nodejs_image", .image, default: .value("node:22-bullseye"),
        help: "Image of Node.js that builds the front end.",
        containerPart: .image(of: "nodejs")),
      Variable(
        "branch", .gitReference,
        default: .derived(explanation: "the tag of the images, or main where that is no release") {
          let tag = try $0["container_tag"]
          return tag.split(separator: ".").count == 3 && tag.allSatisfy { $0.isNumber || $0 == "." } ? tag : "main"
        },
        help: "Branch or tag of Dioptra's repository that the front end is built from.", standaloneOption: "branch",
        followsRelease: true),
    ]
  }

  package func findings(in reference: ReferenceFolder) throws -> [AdoptionFinding] {
    reference.image("nodejs_image", of: reference.initService("frontend-build"))
  }

  private static let repository = "https://github.com/usnistgov/dioptra.git"

  package func contributions(in context: Context) throws -> [Contribution] {
    // Both use the proxy's trust store, so that downloads work behind an intercepting proxy.
    let trust: [Mount] = [
      .volume("nginx-ca-certificates", at: TrustStore.authoritiesPath),
      .volume("nginx-etc-ssl", at: TrustStore.bundlePath),
    ]
    let scripts = Mount.folder(ContainerScript.folder, at: "/scripts")
    return try [
      .initService(
        Service(
          "frontend-source", "Fetches the front end's sources.", image: context["nginx_image"], user: "root",
          entrypoint: ["/bin/bash"], environmentFiles: ["envs/ca-certificates.env"],
          mounts: [scripts, .volume("init-repos", at: "/repo")] + trust, connection: .outside)),
      .initService(
        Service(
          "frontend-build", "Builds the front end.", image: context["nodejs_image"], user: "root",
          entrypoint: ["/bin/bash"], environmentFiles: ["envs/ca-certificates.env"],
          mounts: [scripts, .volume("init-repos", at: "/repo")] + trust + [
            .volume("nginx-frontend", at: "/frontend")
          ],
          connection: .outside)),
      .volume(Volume("init-repos", "Front end: sources", lifetime: .initialization)),
      .volume(Volume("nginx-frontend", "Front end: what the browser loads")),
      .builtFiles(BuiltFiles("nginx-frontend", "the front end", by: ["frontend.fetch", "frontend.build"])),
      .proxyFiles(ProxyFiles("nginx-frontend", at: "/frontend")),
      .proxyLocation(ProxyLocation("restapi", .prefix("/"), .files(root: "/frontend", fallback: "/index.html"))),
      .file(FolderFile("scripts/init-frontend.sh", .template(Templates.initFrontendSh), .executable)),
      .script(gitClone),
      .step(
        Step(
          "frontend.fetch", "Fetch the front end's sources", requires: ["trust.nginx"],
          action: .run(
            "frontend-source",
            [
              "/scripts/git-clone.sh", "--branch", context["branch"], "--single-branch", "--force", "--chown",
              "root:root", Text(Self.repository), "/repo",
            ]),
          inputs: [.volume("init-repos"), .variable("branch"), .file("scripts/git-clone.sh")], deadline: 900)),
      .step(
        Step(
          "frontend.build", "Build the front end", requires: ["frontend.fetch"],
          action: .run("frontend-build", ["/scripts/init-frontend.sh", "--output", "/frontend"]),
          inputs: [
            .volume("nginx-frontend"), .volume("init-repos"), .variable("branch"), .variable("nodejs_image"),
            .file("scripts/init-frontend.sh"),
          ],
          deadline: 1800)),
    ]
  }

  private var gitClone: ContainerScript {
    ContainerScript(
      "git-clone", "Clones a git repository and sets owner and modes of its files.",
      options: [
        .positional("repo-url", help: "Address of the repository, without a password in it"),
        .positional("dest-dir", help: "Folder in which the clone's folder is made"),
        .value("branch", help: "Branch or tag; the remote's default if empty", default: "", short: "b"),
        .flag("single-branch", help: "Fetch that branch only"),
        .flag("force", help: "Delete a clone that is there and make it anew", short: "f"),
        .value("dir-chmod", help: "Mode of folders", default: "0755"),
        .value("file-chmod", help: "Mode of files", default: "0644"),
        .value("chown", help: "Owner and group", default: "39000:100"),
        .environment("GIT_ACCESS_USER", help: "User for a repository that is not public"),
        .environment("GIT_ACCESS_TOKEN", help: "Token for a repository that is not public"),
      ],
      body: .template(Templates.gitCloneSh), templateExecutable: true)
  }
}
