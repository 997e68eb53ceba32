import Foundation
import TestSupport
import Testing

struct OtherCommandTests {
  private let shell: Shell
  private var scratch: Scratch { shell.scratch }

  init() async throws {
    shell = try Shell()
    _ = try await shell.dioptra("init", "lab", "--no-input")
  }

  @Test func aValueIsSetAndReadBack() async throws {
    let outcome = try await shell.dioptra("config", "set", "num_pytorch_gpu_workers=3", "-C", "lab")
    #expect(outcome.status == 0)
    #expect(try await shell.dioptra("config", "get", "num_pytorch_gpu_workers", in: "lab/config").output == "3\n")
    #expect(try scratch.read("lab/dioptra.yaml").contains("\nnum_pytorch_gpu_workers: 3\n"))
  }

  @Test func settingChangesNothingButTheConfiguration() async throws {
    let before = try scratch.files(below: "lab")
    let compose = try scratch.read("lab/docker-compose.yml")
    _ = try await shell.dioptra("config", "set", "num_pytorch_gpu_workers=3", in: "lab")
    #expect(try scratch.files(below: "lab") == before)
    #expect(try scratch.read("lab/docker-compose.yml") == compose)
  }

  @Test func aBadValueLeavesTheConfigurationAsItWas() async throws {
    let before = try scratch.read("lab/dioptra.yaml")
    for value in ["num_pytorch_gpu_workers=x", "db_port=80", "nonsense=1"] {
      #expect(try await shell.dioptra("config", "set", value, in: "lab").status == 1)
    }
    #expect(try scratch.read("lab/dioptra.yaml") == before)
  }

  @Test func theListShowsWhereEachValueComesFrom() async throws {
    let list = try Shell.object(try await shell.dioptra("config", "list", "--json", in: "lab"))
    let variables = try #require(list["variables"] as? [[String: String]])
    let layers = Dictionary(uniqueKeysWithValues: variables.map { ($0["name"] ?? "", $0["layer"] ?? "") })
    #expect(layers["container_tag"] == "file")
    #expect(layers["db_port"] == "default")
    #expect(layers["branch"] == "derived")
  }

  @Test func aComponentIsSwitchedOffAndOn() async throws {
    let before = try scratch.read("lab/dioptra.yaml")
    #expect(try await shell.dioptra("component", "disable", "dbadmin", in: "lab").status == 0)
    let list = try await shell.dioptra("component", "list", in: "lab").output
    #expect(list.contains(/dbadmin +off/))
    #expect(try await shell.dioptra("component", "enable", "dbadmin", in: "lab").status == 0)
    #expect(try scratch.read("lab/dioptra.yaml") == before)
  }

  @Test func whatTheDeploymentNeedsCannotBeSwitchedOff() async throws {
    let outcome = try await shell.dioptra("component", "disable", "postgres", in: "lab")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("'postgres' cannot be disabled"))
  }

  @Test func aComponentShowsWhatItBrings() async throws {
    let view = try Shell.object(try await shell.dioptra("component", "show", "dbadmin", "--json", in: "lab"))
    #expect(view["services"] as? [String] == ["dbadmin"])
    #expect(view["secrets"] as? [String] == ["pgadmin_default_password"])
    #expect((view["files"] as? [String])?.contains("config/nginx/http_dbadmin.conf") == false)
  }

  @Test func secretsAreListedWithoutValuesAndShownByName() async throws {
    let values = try shell.values(of: "lab/.env")
    let password = try #require(values["PGADMIN_DEFAULT_PASSWORD"])
    let list = try await shell.dioptra("secret", "list", in: "lab")
    #expect(list.output.contains("pgadmin_default_password"))
    #expect(!list.output.contains(password))
    #expect(try await shell.dioptra("secret", "show", "pgadmin_default_password", in: "lab").output == password + "\n")
    let unknown = try await shell.dioptra("secret", "show", "pgadmin_default_pasword", in: "lab")
    #expect(unknown.status == 1)
    #expect(unknown.errors.contains("Perhaps pgadmin_default_password is meant"))
  }

  @Test func outsideADeploymentTheWayOutIsNamed() async throws {
    for arguments in [["config", "list"], ["component", "list"], ["secret", "list"]] {
      let outcome = try await Tool.run(Tool.dioptra, arguments, in: scratch.path)
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains("there is no deployment in"))
    }
  }

  @Test func aResultThatCannotBeWrittenIsAFailure() async throws {
    let command = "\"$0\" secret show pgadmin_default_password >/dev/full"
    let outcome = try await Tool.run("bash", ["-c", command, Tool.dioptra], in: scratch.file("lab"))
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("cannot be written to standard output"))
  }

  /// Each shell's own words for an option of a command, and for the commands.
  @Test(arguments: [
    ("bash", ["_dioptra_init() {", "--render-only"]), ("zsh", ["_dioptra_init() {", "'--render-only["]),
    ("fish", ["-fa 'init' -d", "-l 'render-only' -d"]),
  ])
  func completionsKnowCommandsAndOptions(shellName: String, lines: [String]) async throws {
    let outcome = try await shell.dioptra("--generate-completion-script", shellName)
    #expect(outcome.status == 0)
    for line in lines { #expect(outcome.output.contains(line), "\(line)") }
    guard shellName == "bash" else { return }
    try scratch.write(outcome.output, to: "completions.sh")
    let checked = try await Tool.run("/bin/bash", ["-n", scratch.file("completions.sh")])
    #expect(checked.succeeded, "\(checked.errors)")
  }
}
