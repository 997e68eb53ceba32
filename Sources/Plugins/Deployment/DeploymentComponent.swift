package import DioptraKitCore

/// The folder itself: what concerns the deployment as a whole.
package struct DeploymentComponent: AdoptableComponent {
  package let id: ComponentID = "deployment"
  package let summary = "The deployment as a whole"
  package let isOptional = false

  package init() {}

  /// The releases of Dioptra that this version renders, oldest first.
  static let releases = ["1.1.0", "1.2.0", "1.2.1", "1.2.2"]

  /// Earlier releases that an adopted deployment may have: they can be managed and upgraded.
  static let heldReleases = ["1.0.0", "1.0.1"]

  package var variables: [Variable] {
    [
      Variable(
        "deployment_name", .title, default: .value("Dioptra deployment"),
        help: "Display name of the deployment.", promptPosition: 10),
      Variable(
        "project_slug", .slug,
        default: .derived(
          explanation: "the name in lower case with hyphens for blanks and underscores",
          { try slug(of: $0["deployment_name"]) }),
        help: "Prefix of the names of services, volumes and files.", aliases: ["__project_slug"]),
      Variable(
        "container_registry", .registry, default: .value("ghcr.io/usnistgov"),
        help: "Registry of Dioptra's own images; empty for images built on this host.", promptPosition: 20),
      Variable(
        "container_namespace", .imageNamespace, default: .value("dioptra"),
        help: "Second part of the names of Dioptra's own images.", aliases: ["__container_namespace"]),
      Variable(
        "container_tag", .imageTag, default: .value("1.1.0"),
        help: "Tag of Dioptra's own images; images built on this host have the tag dev.", promptPosition: 30,
        followsRelease: true),
      Variable(
        "release", .choice(Self.heldReleases + Self.releases),
        default: .derived(explanation: "container_tag where that is a release, else the newest one known") {
          let tag = try $0["container_tag"]
          return Self.releases.contains(tag) ? tag : Self.releases[Self.releases.count - 1]
        },
        help: "Release of Dioptra that the images are made of.", followsRelease: true),
      Variable(
        "docker_compose_path", .composeCommand, default: .value("docker compose"),
        help: "Command that runs Compose: the plug-in, or the path of a stand-alone binary.", promptPosition: 40),
      Variable(
        "images_at_once", .parallelism, default: .value("2"),
        help: "Number of images that init fetches at once."),
      Variable(
        "networks", .networkNames, default: .value("dioptra"),
        help: "Networks that every service joins, without the deployment's prefix.",
        containerPart: .list(of: "networks")),
      Variable(
        "no_proxy", .proxyExceptions, default: .value(""),
        help: "Further hosts that services reach without the proxy of Docker's client, such as .example.org."
      ),
    ]
  }

  package func findings(in reference: ReferenceFolder) throws -> [AdoptionFinding] { try recognized(in: reference) }

  package var checks: [any DoctorCheck] { [ReleaseCheck(), ScriptsCheck(), ReadableFilesCheck()] }

  package func contributions(in context: Context) throws -> [Contribution] {
    try context.configuration["networks"].split(separator: " ").map { .network(Network(String($0))) }
      + [
        .file(
          FolderFile(
            "docker-compose.override.yml.template", .template(Templates.dockerComposeOverrideYmlTemplate))),
        .file(FolderFile("README.md", .template(Templates.readmeMd))),
        .file(FolderFile(".gitignore", .template(Templates.gitignore))),
        .file(FolderFile(".gitattributes", .template(Templates.gitattributes))),
        .file(
          FolderFile("scripts/generate_password_templates.py", .template(Templates.generatePasswordTemplatesPy))),
        .file(FolderFile("scripts/init-scripts.sh", .template(Templates.initScriptsSh), .executable)),
        .ignore(IgnorePattern("Passwords", ["/.env*", "/secrets/"])),
        .ignore(
          IgnorePattern(
            "What editors leave, which may hold the same", ["*~", "*.swp", "*.swo", ".#*", "\\#*#", "*.bak", "*.orig"])),
        .ignore(IgnorePattern("What dioptra remembers, secrets too", ["/.dioptra/"])),
      ] + readmeRows + toolScripts
  }

  private var readmeRows: [Contribution] {
    [
      ("dioptra.yaml", "Your choices; edit it, then run `dioptra init`"),
      ("config/", "Configuration that initialisation copies into volumes"),
      ("envs/", "Environment variables of the services; safe to commit"),
      ("scripts/", "Scripts that initialisation runs inside containers"),
      ("secrets/", "Passwords; never commit or share them"),
      ("ssl/", "Certificates: extra authorities, and those of the web server and the database"),
      ("docker-compose.yml", "The services"),
      ("docker-compose.init.yml", "Services that exist only during initialisation"),
      ("docker-compose.override.yml.template", "Copy it to `docker-compose.override.yml` for local changes"),
      ("init-deployment.sh", "Initialises the deployment with nothing but Bash and Docker"),
      ("import_resources.py", "Imports plugins and entry points from a git repository"),
      (".env", "Passwords of the services; never commit or share it"),
    ].map { .readmeRow(ReadmeRow($0.0, $0.1)) }
  }

  /// Fills the volumes: what the whole deployment does once.
  package func contributions(collecting blueprint: Blueprint, in context: Context) throws -> [Contribution] {
    let volumes = try VolumePreparing(blueprint, in: context)
    let trusts = Set(blueprint.trustStores.map { StepID("trust.\($0.name)") }).sorted()
    let script = FolderFile.Content.template(
      Templates.initDeploymentSh,
      [
        "deployment_id": .text(Text(context.identity.deployment)),
        "data_formats": .list(
          blueprint.dataFormats.map { format in
            [
              "volume": .text(context.name(of: format.volume)),
              "file": .text(Text(format.file)), "expected": .text(format.expected),
              "program": .text(Text(format.program)), "image": .text(format.image),
            ]
          }),
        "volumes": .list(
          blueprint.volumes.filter { $0.lifetime == .deployment }.map { volume in
            ["name": .text(context.name(of: volume.name))]
          }),
      ])
    return [
      .file(FolderFile("init-deployment.sh", script, .executable)),
      .step(
        Step(
          "services.stop", "Stop the services of initialisation",
          requires: blueprint.steps.map(\.id) + trusts + volumes.steps,
          action: .stop, deadline: 120)),
    ] + volumes.contributions
  }
}
