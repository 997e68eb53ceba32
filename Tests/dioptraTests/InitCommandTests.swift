import Foundation
import TestSupport
import Testing

struct InitCommandTests {
  private let shell: Shell
  private var scratch: Scratch { shell.scratch }
  private let folder = "dioptra-deployment"

  init() throws {
    shell = try Shell()
  }

  @Test func aNewFolderIsNamedAfterTheDeployment() async throws {
    let outcome = try await shell.dioptra("init", "--no-input", "--set", "deployment_name=AI lab")
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    #expect(try scratch.files(below: "ai-lab").filter { !$0.key.hasPrefix(".dioptra/") }.count == 61)
  }

  @Test func secretsAreCreatedPrivateWhateverTheUmask() async throws {
    let command = "umask 0; PATH=/nowhere exec \(Tool.dioptra) init --no-input"
    #expect(try await Tool.run("sh", ["-c", command], in: scratch.path).status == 0)
    let files = try scratch.files(below: folder)
    for name in [".env", "secrets/postgres-passwd.env", "secrets/\(folder)-minio-accounts.env", ".dioptra/state.db"] {
      #expect(files[name] == 0o600, "\(name)")
    }
    #expect(files["README.md"] == 0o644)
    for name in ["secrets", ".dioptra"] {
      let attributes = try FileManager.default.attributesOfItem(atPath: scratch.file("\(folder)/\(name)"))
      #expect(attributes[.posixPermissions] as? Int == 0o700, "\(name)")
    }
  }

  @Test func nothingIsWrittenTheSecondTime() async throws {
    _ = try await shell.dioptra("init", "--no-input")
    let before = try snapshot()
    let outcome = try await shell.dioptra("init", in: folder)
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("nothing to change"))
    #expect(try snapshot() == before)
  }

  @Test func deletedSecretFilesComeBackWithTheSameValues() async throws {
    _ = try await shell.dioptra("init", "--no-input")
    let before = try snapshot()
    for name in [".env", "secrets/postgres-passwd.env", "secrets/\(folder)-minio-accounts.env"] {
      try FileManager.default.removeItem(atPath: scratch.file("\(folder)/\(name)"))
    }
    let outcome = try await shell.dioptra("init", in: "\(folder)/config")
    #expect(outcome.status == 0)
    #expect(try snapshot() == before)
  }

  @Test func anEditedFileIsNamedAndLeftAlone() async throws {
    _ = try await shell.dioptra("init", "--no-input")
    try scratch.write("mine\n", to: "\(folder)/config/nginx/http_proxy.conf")
    let outcome = try await shell.dioptra("init", in: folder)
    #expect(outcome.output.contains("config/nginx/http_proxy.conf"))
    #expect(try scratch.read("\(folder)/config/nginx/http_proxy.conf") == "mine\n")
  }

  @Test func aDryRunWritesNothingAndItsExitCodeTellsWhetherSomethingIsDue() async throws {
    let first = try await shell.dioptra("init", "--no-input", "--dry-run", "--json")
    #expect(first.status == 2)
    #expect(try Shell.object(first)["changes"] != nil)
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == [])
    _ = try await shell.dioptra("init", "--no-input")
    let before = try snapshot()
    #expect(try await shell.dioptra("init", "--dry-run", "--render-only", in: folder).status == 0)
    // Without an engine, too, steps that never ran are something to do.
    let steps = try await shell.dioptra("init", "--dry-run", in: folder)
    #expect(steps.status == 2 && steps.output.contains("  Start PostgreSQL: has not run yet\n"))
    #expect(steps.output.hasSuffix("There may be more: Docker is not installed on this host.\n"))
    let set = try await shell.dioptra("init", "--dry-run", "--set", "db_port=35999", in: folder)
    #expect(set.status == 2 && set.output.contains("  update  dioptra.yaml\n"))
    #expect(try snapshot() == before)
    try FileManager.default.removeItem(atPath: scratch.file("\(folder)/README.md"))
    let third = try await shell.dioptra("init", "--dry-run", "--render-only", "--json", in: folder)
    #expect(third.status == 0)
    #expect(try Shell.object(third)["changes"] as? [[String: String]] == [])
  }

  @Test func standardOutputHoldsOnlyJSON() async throws {
    let report = try Shell.object(try await shell.dioptra("init", "--json"))
    #expect(report["new"] as? Bool == true)
    #expect(report["folder"] as? String == scratch.file(folder))
    let steps = try #require(report["pendingSteps"] as? [[String: String]])
    #expect(steps.first == ["id": "image.nginx", "title": "Fetch nginx"])
    #expect(steps.last?["id"] == "services.stop")
  }

  @Test func noSecretIsPrinted() async throws {
    let outcome = try await shell.dioptra("init", "--no-input", "--verbose")
    let secrets = try shell.values(of: "\(folder)/.env").filter { $0.value.count >= 32 }.values
    for secret in secrets { #expect(!outcome.output.contains(secret) && !outcome.errors.contains(secret)) }
    #expect(secrets.count >= 10)
  }

  @Test func quietSaysNothing() async throws {
    let outcome = try await shell.dioptra("init", "--no-input", "--quiet")
    #expect(outcome.output == "" && outcome.errors == "" && outcome.status == 0)
  }

  @Test(arguments: [
    (["--set", "num_pytorch_gpu_workers=-1"], "num_pytorch_gpu_workers"),
    (["--set", "deployment_name=a/b"], "project_slug"),
    (["--set", "nginx_server_name=a;b"], "nginx_server_name"),
    (["--set", "postgres_container_tag=18"], "postgres_container_tag"),
    (["--set", "db_port=80"], "restapi_http_port and db_port are both 80"),
    (["--set", "datasets_directory=/nowhere/at/all"], "datasets_directory"),
    (["--set", "worker_ssl_service=tfgpu"], "worker_ssl_service"),
    (["--set", "conatiner_tag=dev"], "Perhaps container_tag is meant"),
    (["--values", "absent.yaml"], "absent.yaml"),
  ])
  func invalidChoicesAreRefusedByNameBeforeAnythingIsWritten(arguments: [String], words: String) async throws {
    let outcome = try await Tool.run(Tool.dioptra, ["init", "--no-input"] + arguments, in: scratch.path)
    #expect(outcome.status == 1)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains(words))
    #expect(outcome.errors.split(separator: "\n").count == 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == [])
  }

  @Test func wrongUsageExitsWith64() async throws {
    #expect(try await shell.dioptra("init", "--nonsense").status == 64)
    #expect(try await shell.dioptra("init", "--set", "novalue").status == 64)
  }

  /// What the user sees: what the program remembers is its own business.
  private func snapshot() throws -> [String: String] {
    let files = try scratch.files(below: folder).filter { !$0.key.hasPrefix(".dioptra/") }
    return try Dictionary(
      uniqueKeysWithValues: files.map { name, mode in
        let data = try Data(contentsOf: URL(filePath: scratch.file("\(folder)/\(name)")))
        return (name, "\(mode) \(data.base64EncodedString())")
      })
  }
}
