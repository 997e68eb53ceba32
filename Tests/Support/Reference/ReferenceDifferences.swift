import Foundation

/// What the releases of the template have that dioptra has not, and the other way round.
extension ReferenceForm {
  private var isOld: Bool { release.hasPrefix("1.0") }

  mutating func rewrite(isRunnable: Bool) {
    rewriteCompose(isRunnable: isRunnable)
    rewriteSettings()
    if !isRunnable {
      for path in files.keys where path.hasPrefix("scripts/") && path.hasSuffix(".sh") {
        // The template processes them in a container.
        if files["\(path.dropLast(3)).m4"] != nil { remove(path) }
      }
    }
    if isRunnable {
      // The template puts a file of three lines where the server reads one password.
      for path in ["scripts/init-named-volumes.sh", "scripts/init-named-volumes.m4"] {
        edit(path) { $0 = $0.replacing("write_value POSTGRES_PASSWORD ", with: "copy_file ") }
      }
    }
    if isOld {
      remove("import_resources.py")
      if !isRunnable { remove("scripts/init-worker-account.sh") }
      for policy in Self.oldPolicies { add("config/minio/\(policy)-policy.json", Self.policy(policy)) }
      edit("config/nginx/http_restapi.conf") { $0 = $0.replacing("$uri $uri/ /index.html", with: "$uri $uri/ =404") }
    }
    let (isOld, isFirst) = (isOld, release == "1.0.0")
    // A list of GPUs is no number of a worker's.
    if isOld { edit("README.md") { $0 += "\n      NVIDIA_VISIBLE_DEVICES: 0,1\n" } }
    edit("README.md") { $0 += "\nRelease \(isOld ? "1.0" : "1.1") of the template.\n" }
    edit("scripts/init-frontend.sh") { $0 += isFirst ? "# The first release.\n" : "" }
  }

  static let oldPolicies = [
    "builtin-plugins-readonly", "builtin-plugins-readwrite", "custom-plugins-readonly", "custom-plugins-readwrite",
    "dioptra-readonly", "plugins-readonly", "workflow-downloadonly", "workflow-uploadonly",
  ]

  private static func policy(_ name: String) -> String {
    """
    {
      "Version": "2012-10-17",
      "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::\(name)/*"]}]
    }

    """
  }

  // MARK: Compose

  private mutating func rewriteCompose(isRunnable: Bool) {
    let images = isRunnable ? [] : Self.images(of: release)
    for path in ["docker-compose.yml", "docker-compose.init.yml"] {
      edit(path) { text in
        // The template knows nothing of proxies.
        text = text.replacing(/[ ]+(NO_PROXY|no_proxy): [^\n]*\n/, with: "")
          .replacing(/[ ]{4}environment:\n(?![ ]{6})/, with: "")
        text = Self.withoutLabels(text).replacing("Written by dioptra from dioptra.yaml", with: "The services")
        for (ours, theirs) in images { text = text.replacing("image: \(ours)\n", with: "image: \(theirs)\n") }
      }
    }
    edit("init-deployment.sh") { text in
      text = text.replacing(
        "readonly label=org.dioptrakit.deployment=0123456789abcdef", with: "readonly label=made.by.hand=1")
    }
    if !isRunnable {
      for path in ["docker-compose.yml", "docker-compose.init.yml"] {
        edit(path) { text in
          text = text.replacing(/[ ]{6}POSTGRES_(USER|DB): [^\n]*\n/, with: "")
            .replacing(/worker [0-9]+ of [0-9]+\./, with: "worker.")
        }
      }
      edit("init-deployment.sh") { $0 = $0.replacing(/[ ]*check_format [^\n]*postgres-data[^\n]*\n/, with: "") }
    }
    let isUnderscored = isOld
    edit("docker-compose.yml") { text in
      var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      lines.removeAll {
        $0.hasPrefix("      MLFLOW_SERVER_ALLOWED_HOSTS:") || $0.hasPrefix("      DIOPTRA_DEPLOY_SECRET_KEY:")
      }
      lines = lines.flatMap { line in
        line == "      AWS_SECRET_ACCESS_KEY: ${WORKER_AWS_SECRET_ACCESS_KEY}"
          ? [line, "      DIOPTRA_RESTAPI_DATABASE_URI: ${DIOPTRA_RESTAPI_DATABASE_URI}"] : [line]
      }
      if isUnderscored {
        lines = lines.map { line in
          ["tensorflow-cpu", "tensorflow-gpu", "pytorch-cpu", "pytorch-gpu"].contains { line == "      - \($0)" }
            ? line.replacing("w-", with: "w_").replacing("h-", with: "h_") : line
        }
      }
      text = lines.joined(separator: "\n")
    }
    edit("docker-compose.init.yml") { text in
      text = text.replacing("      DIOPTRA_DEPLOY_SECRET_KEY: ${DIOPTRA_DEPLOY_SECRET_KEY}\n", with: "")
    }
  }

  private static func withoutLabels(_ text: String) -> String {
    text.replacing(/[ ]+labels:\n +org\.dioptrakit\.deployment: "[0-9a-f]{16}"\n/, with: "")
  }

  /// The images of each release, by ours.
  private static func images(of release: String) -> [(String, String)] {
    let minio = "minio/minio:RELEASE.2024-07-16T23-46-41Z"
    let table: [String: [(String, String)]] = [
      "1.0.0": [
        ("dpage/pgadmin4:8.12", "dpage/pgadmin4:8.9"), ("redis:7.2.6", "redis:7.2.5"),
        ("node:22-bullseye", "node:22.5.1"), ("quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z", minio),
      ],
      "1.0.1": [("node:22-bullseye", "node:22.5.1"), ("quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z", minio)],
      "1.1.0": [("quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z", minio), ("postgres:17", "postgres:18")],
      "main": [
        ("dpage/pgadmin4:8.12", "dpage/pgadmin4:latest"), ("redis:7.2.6", "redis:latest"),
        ("quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z", "minio/minio:latest"),
      ],
    ]
    return (table[release] ?? []) + [
      ("quay.io/minio/mc:RELEASE.2025-08-13T08-35-41Z", "minio/mc:RELEASE.2023-10-14T01-57-03Z")
    ]
  }

  // MARK: Settings

  private mutating func rewriteSettings() {
    for path in [".env", "scripts/templates/dot-env.j2"] {
      edit(path) { text in
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        text = lines.filter { line in
          !["DIOPTRA_DEPLOY_SECRET_KEY=", "MLFLOW_SERVER_ALLOWED_HOSTS="].contains { line.hasPrefix($0) }
        }.joined(separator: "\n").replacing(" | urlencode", with: "")
      }
    }
    // The template writes passwords as they are.
    for password in secrets.values {
      edit(".env") { $0 = $0.replacing("'\(password)'", with: password).replacing("\"\(password)\"", with: password) }
    }
    if isOld {
      edit("envs/\(slug)-worker.env") { $0 += "DIOPTRA_RESTAPI_ENV=prod\n" }
      for path in ["secrets/\(slug)-minio-accounts.env", "scripts/templates/minio-accounts.env.j2"] {
        edit(path) { text in
          text = text.replacing(
            "MINIO_RESTAPI_POLICIES=mlflow-tracking-readwrite", with: "MINIO_RESTAPI_POLICIES=plugins-readonly")
        }
      }
    } else {
      edit("envs/\(slug)-mlflow-tracking.env") { $0 += "MLFLOW_SERVER_ALLOWED_HOSTS=\"*\"\n" }
    }
    // This one says how it is installed, under a name for which the template has no placeholder.
    for path in ["systemd/dioptra.service", "scripts/templates/dioptra.service.j2"] {
      edit(path) { $0 = $0.replacing(/#[^\n]*\n/, with: "") }
    }
    // The template leaves no newline at the end of the unit.
    edit("systemd/dioptra.service") { if $0.hasSuffix("\n") { $0.removeLast() } }
  }
}
