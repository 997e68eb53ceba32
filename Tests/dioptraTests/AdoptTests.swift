import Foundation
import TestSupport
import Testing

/// Folders that the reference template could have made are taken over as they are.
struct AdoptTests {
  @Test(arguments: ReferenceForm.releases)
  func aFolderOfEachReleaseIsAdoptedAndDriftIsClean(release: String) async throws {
    let scene = try AdoptScene(release)
    let before = try scene.files()
    let report = try await scene.adopted()
    #expect(report.release == (release == "main" ? "1.1.0" : release))
    #expect(report.template == release)
    #expect(report.edited.isEmpty, "\(report.edited)")
    #expect(report.unknown == [])
    #expect(report.missing == [])
    #expect(try scene.files() == before)
    try await scene.expectCleanDrift()
    for command in [["status"], ["history", "list"], ["history", "verify"]] {
      let outcome = try await scene.dioptra(command + ["-C", "lab"])
      #expect(outcome.status == 0, "\(command): \(outcome.errors)")
    }
  }

  @Test(arguments: ReferenceForm.releases, [1, 12])
  func editsAreReportedWithTheirLinesAndKept(release: String, count: Int) async throws {
    let paths = [
      "docker-compose.yml", "README.md", "config/nginx/http_default.conf", "init-deployment.sh", ".gitignore",
      "envs/dioptra-deployment-worker.env", "config/db/init-db.sh", "scripts/set-permissions.m4",
      "docker-compose.init.yml", "ssl/nginx/README.md", "scripts/templates/dot-env.j2", "config/nginx/stream_db.conf",
    ].prefix(count)
    let scene = try AdoptScene(release) { form in
      for path in paths { form.edit(path) { $0 = "# mine, \(path)\n" + $0 + "# mine too\n" } }
    }
    let before = try scene.files()
    let report = try await scene.adopted()
    #expect(report.template == release)
    #expect(report.edited.map(\.path).sorted() == paths.sorted())
    for edit in report.edited {
      #expect(edit.lines.first?.number == 1)
      #expect(edit.lines.map(\.text) == ["# mine, \(edit.path)", "# mine too"])
    }
    #expect(try scene.files() == before)
    try await scene.expectCleanDrift()
  }

  @Test(arguments: [true, false])
  func everyChoiceIsRecognised(keepsNotes: Bool) async throws {
    let values = [
      "deployment_name": "AI Lab_2", "container_registry": "registry.example.org/team", "container_tag": "1.2.1",
      "nginx_server_name": "_", "nginx_expose_ports_on_localhost_only": "false", "enable_nginx_ssl": "true",
      "postgres_container_tag": "16.4", "pgadmin_default_email": "admin@example.org",
      "datasets_directory": "/data/sets",
      "systemd_required_mounts": "data.mount var.mount", "docker_compose_path": "/usr/local/bin/docker-compose",
      "num_tensorflow_cpu_workers": "2", "num_tensorflow_gpu_workers": "1", "num_pytorch_cpu_workers": "0",
      "num_pytorch_gpu_workers": "3", "db_admin_username": "boss", "restapi_http_port": "8080",
      "restapi_https_port": "8443", "minio_console_port": "9001",
    ]
    let scene = try AdoptScene("1.0.1", values: values) { form in
      if keepsNotes { form.add(".cruft.json", form.cruft) }
    }
    let report = try await scene.adopted()
    for (name, value) in values { #expect(report.variables[name] == value, "\(name): \(report.variables[name] ?? "")") }
    #expect(report.variables["worker_queue_names"] == "underscored")
    #expect(report.variables["project_slug"] == "ai-lab-2")
    #expect(report.release == "1.2.1")
    try await scene.expectCleanDrift()
    let configuration = try scene.scratch.read("lab/dioptra.yaml")
    #expect(configuration.contains("\ndeployment_name: AI Lab_2\n"))
  }

  @Test func whatFollowsByDefaultIsNotWrittenAsAChoice() async throws {
    let report = try await AdoptScene("1.1.0").adopted()
    #expect(
      Set(report.variables.keys) == [
        "deployment_name", "project_slug", "container_tag", "container_registry", "postgres_image",
        "postgres_container_tag",
        "minio_image",
        "mc_image", "redis_image", "dbadmin_image", "nodejs_image", "mlflow_server_allowed_hosts",
      ])
    #expect(report.variables["mlflow_server_allowed_hosts"] == "*")
    #expect(report.variables["minio_image"] == "minio/minio:RELEASE.2024-07-16T23-46-41Z")
    #expect(report.notes.contains { $0.contains("PostgreSQL 18") })
  }

  @Test func missingOptionalServicesAreDisabled() async throws {
    let scene = try AdoptScene("main") { form in
      form.edit("docker-compose.yml") { text in
        text = text.replacing(/[ ]+# pgAdmin[^\n]*\n  dioptra-deployment-dbadmin:\n(    [^\n]*\n|\n)+/, with: "")
      }
      form.edit(".env") { $0 = $0.replacing(/PGADMIN_DEFAULT_PASSWORD=[^\n]*\n/, with: "") }
    }
    let report = try await scene.adopted()
    #expect(report.off == ["dbadmin"])
    try await scene.expectCleanDrift()
    #expect(try scene.scratch.read("lab/dioptra.yaml").contains("  dbadmin: false\n"))
  }

  @Test func aMissingMandatoryServiceStopsAdoption() async throws {
    let scene = try AdoptScene("main") { form in
      form.edit("docker-compose.yml") { $0 = $0.replacing("  dioptra-deployment-redis:\n", with: "  other:\n") }
    }
    let outcome = try await scene.dioptra(["adopt", "lab"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("docker-compose.yml has no service dioptra-deployment-redis"))
    try scene.expectNothingWritten()
  }

  @Test func filesOfTheUsersOwnAreRecordedAndNeverTouched() async throws {
    let scene = try AdoptScene("1.1.0") { form in
      form.add("config/nginx/http_grafana.conf", "server { listen 3030; }\n")
      form.add("secrets/token.txt", "a-token-of-mine-1234\n", mode: 0o600)
      form.add("scripts/deep/er/note.sh", "#!/bin/sh\n", mode: 0o755)
      form.add("ssl/nginx/server.key", "a key\n", mode: 0o600)
      form.add("docker-compose.override.yml", "services: {}\n")
    }
    try FileManager.default.createSymbolicLink(atPath: "\(scene.path)/notes", withDestinationPath: "/nowhere")
    try Data([0, 255, 254, 10, 200]).write(to: URL(filePath: "\(scene.path)/secrets/keystore.p12"))
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o600], ofItemAtPath: "\(scene.path)/secrets/keystore.p12")
    let before = try scene.files()
    let report = try await scene.adopted()
    #expect(
      report.unknown == [
        "config/nginx/http_grafana.conf", "scripts/deep/er/note.sh", "secrets/keystore.p12", "secrets/token.txt",
      ])
    #expect(report.edited.isEmpty)
    #expect(try scene.files() == before)
    try await scene.expectCleanDrift()
    let history = try await scene.dioptra(["history", "export", "-C", "lab"])
    #expect(!history.output.contains("a-token-of-mine"))
    // What was recorded comes back.
    try FileManager.default.removeItem(atPath: "\(scene.path)/secrets/keystore.p12")
    let repaired = try await scene.dioptra(["drift", "--repair", "--no-input", "-C", "lab"])
    #expect(repaired.status == 0, "\(repaired.errors)")
    #expect(try scene.files()["secrets/keystore.p12"]?.bytes == before["secrets/keystore.p12"]?.bytes)
  }

  @Test func valuesThatDioptraDoesNotAcceptAreReportedAndDoNotStopIt() async throws {
    let scene = try AdoptScene("1.1.0", values: ["datasets_directory": "/zq"]) { form in
      for path in form.files.keys where path.contains("nginx/") {
        form.edit(path) { $0 = $0.replacing("dioptra.example.org", with: "one.example.org two.example.org") }
      }
      form.edit("docker-compose.yml") { $0 = $0.replacing("\"/zq:/dioptra", with: "\"./data:/dioptra") }
    }
    let report = try await scene.adopted()
    #expect(report.notes.contains { $0.hasPrefix("nginx_server_name is 'one.example.org two.example.org'") })
    #expect(report.variables["nginx_server_name"] == nil)
    #expect(report.variables["datasets_directory"] == "\(scene.path)/data")
    #expect(report.edited.isEmpty, "\(report.edited)")
    try await scene.expectCleanDrift()
  }

  @Test(arguments: ["image: postgres:17-alpine", "image: postgres:latest"])
  func imagesThatCannotBeKeptStopAdoption(image: String) async throws {
    let scene = try AdoptScene("1.1.0") { form in
      form.edit("docker-compose.yml") { $0 = $0.replacing("image: postgres:18", with: image) }
    }
    let outcome = try await scene.dioptra(["adopt", "lab"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("postgres_container_tag cannot be"), "\(outcome.errors)")
    try scene.expectNothingWritten()
  }

  @Test(.enabled(if: getuid() == 0, "only root gives files away"))
  func filesOfAnotherUserAreReported() async throws {
    let scene = try AdoptScene("1.1.0")
    try FileManager.default.setAttributes([.ownerAccountID: 12_345], ofItemAtPath: "\(scene.path)/.env")
    let report = try await scene.adopted()
    #expect(report.notes.contains { $0.hasPrefix(".env belongs to another user than the folder") }, "\(report.notes)")
  }

  @Test func aDryRunWritesNothing() async throws {
    let scene = try AdoptScene("1.1.0") { $0.edit("README.md") { $0 += "Mine.\n" } }
    let before = try scene.scratch.files(below: "lab")
    let outcome = try await scene.dioptra(["adopt", "lab", "--dry-run"])
    #expect(outcome.status == 2)
    #expect(outcome.output.contains("Mine."))
    #expect(try scene.scratch.files(below: "lab") == before)
    try scene.expectNothingWritten()
  }

  @Test func aManagedDeploymentIsLeftAlone() async throws {
    let scene = try AdoptScene("1.1.0")
    _ = try await scene.adopted()
    let state = try Data(contentsOf: URL(filePath: "\(scene.path)/.dioptra/state.db"))
    for arguments in [["adopt", "lab"], ["adopt", "lab", "--dry-run"]] {
      let outcome = try await scene.dioptra(arguments)
      #expect(outcome.status == 0)
      #expect(outcome.output.contains("is already managed"))
    }
    #expect(try Data(contentsOf: URL(filePath: "\(scene.path)/.dioptra/state.db")) == state)
  }

  @Test func aFolderThatIsNotADeploymentIsReported() async throws {
    let scene = try AdoptScene("1.1.0") { $0.remove(".env") }
    let never = try await scene.dioptra(["adopt", "lab"])
    #expect(never.status == 1)
    #expect(never.errors.contains("has no .env: the deployment was never initialised"))
    try scene.expectNothingWritten()
    try scene.scratch.write("x", to: "other/notes.txt")
    let foreign = try await scene.dioptra(["adopt", "other"])
    #expect(foreign.status == 1)
    #expect(foreign.errors.contains("is not a deployment"))
    #expect(foreign.errors.split(separator: "\n").count == 1)
    #expect(try await scene.dioptra(["adopt", "nowhere"]).errors.contains("is not a folder"))
  }

  @Test func theReportIsTheGoldenOne() async throws {
    let secret = ReferenceForm.secrets["minio_root_password"] ?? ""
    let scene = try AdoptScene("1.0.1", values: ["deployment_name": "AI lab", "num_pytorch_gpu_workers": "2"]) { form in
      form.edit("docker-compose.yml") { text in
        text = text.replacing("    shm_size: 256MB\n", with: "    shm_size: 1GB\n    mem_limit: 8g\n")
      }
      form.edit(".env") { $0 += "SLACK_TOKEN=xoxb-very-secret\n" }
      form.edit("config/nginx/http_proxy.conf") { $0 += "# \(secret)\u{1B}[31m\n" }
      form.add("config/db/extra.sql", "SELECT 1;\n")
      form.remove("scripts/file-copy.m4")
    }
    let outcome = try await scene.dioptra(["adopt", "lab", "--dry-run"])
    #expect(outcome.status == 2, "\(outcome.errors)")
    let text = outcome.output.replacing(scene.scratch.path, with: "/srv")
    try Golden().expect(text, in: "adopt/dry-run.txt")
    let json = try await scene.dioptra(["adopt", "lab", "--dry-run", "--json"])
    try Golden().expect(json.output.replacing(scene.scratch.path, with: "/srv"), in: "adopt/dry-run.json")
    for secret in scene.form.secrets.values.map({ $0 }) + ["xoxb-very-secret"] {
      #expect(!outcome.output.contains(secret))
      #expect(!json.output.contains(secret))
    }
  }
}
