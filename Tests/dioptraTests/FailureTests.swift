import Foundation
import TestSupport
import Testing

/// With `--json` a failure is one object on standard output, whatever the command.
struct FailureTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
  }

  private struct Failure: Decodable {
    struct Error: Decodable {
      struct Remedy: Decodable {
        let kind: String
        let text: String
        let commands: [[String]]?
      }

      let code: String
      let problem: String
      let remedies: [Remedy]
      let exitCode: Int
    }

    let error: Error
  }

  /// What standard output has must be the object and nothing else.
  private func failure(_ arguments: [String], in folder: String? = nil) async throws -> Failure.Error {
    let outcome = try await Tool.run(
      Tool.dioptra, arguments + ["--json"], environment: ["HOME": shell.scratch.path],
      in: folder.map(shell.scratch.file) ?? shell.scratch.path)
    #expect(outcome.output.hasSuffix("}\n") && outcome.output.dropLast().allSatisfy { $0 != "\n" }, "\(outcome.output)")
    let error = try JSONDecoder().decode(Failure.self, from: Data(outcome.output.utf8)).error
    #expect(error.exitCode == outcome.status)
    #expect(!error.problem.isEmpty && !error.problem.hasSuffix("."))
    #expect(error.remedies.allSatisfy { !$0.text.isEmpty })
    #expect(
      error.remedies.allSatisfy { ($0.kind == "command") == ($0.commands?.isEmpty == false) || $0.kind != "advice" })
    #expect(outcome.errors.contains(error.problem), "people read the same: \(outcome.errors)")
    return error
  }

  private static let needingADeployment: [[String]] = [
    ["upgrade"], ["rollback"], ["rename", "other"], ["backup", "/tmp/x.bak"], ["steps"], ["start"], ["stop"],
    ["restart"], ["ps"], ["logs"], ["status"], ["drift"], ["history"], ["history", "show", "1"],
    ["history", "diff", "1", "2"],
    ["history", "export"], ["history", "head"], ["history", "verify"], ["explain", "db_port"], ["doctor"],
    ["config", "list"], ["config", "get", "db_port"], ["config", "set", "db_port=1"], ["component", "list"],
    ["component", "show", "minio"], ["component", "enable", "minio"], ["component", "disable", "minio"],
    ["secret", "list"], ["secret", "show", "x"],
  ]

  @Test(arguments: needingADeployment)
  func whereThereIsNoDeployment(words: [String]) async throws {
    let error = try await failure(words)
    #expect(error.code == "deployment-not-found")
    #expect(error.remedies.last?.commands == [["dioptra", "init"]])
  }

  @Test(arguments: needingADeployment + [["init"], ["adopt"], ["restore"]])
  func whereTheCommandLineIsWrong(words: [String]) async throws {
    let error = try await failure(words + ["--nonsense"])
    #expect(error.code == "usage" && error.exitCode == 64)
    let command = try #require(error.remedies.first?.commands?.first)
    #expect(command.first == "dioptra" && command.last == "--help" && command[1] == words[0])
  }

  @Test(arguments: [
    (["init", "full"], "folder-occupied"), (["init", "--set", "db_port=x"], "value-invalid"),
    (["init", "--set", "db_prt=35432"], "name-unknown"), (["init", "--values", "none.yaml"], "configuration-invalid"),
    (["adopt", "nowhere"], "path-invalid"), (["adopt", "full"], "deployment-not-found"),
    (["restore", "full/x", "new"], "backup-invalid"),
  ])
  func whatMakesADeployment(words: [String], code: String) async throws {
    try shell.scratch.write("x", to: "full/x")
    #expect(try await failure(words).code == code)
  }

  @Test func whatIsAskedOfADeployment() async throws {
    #expect(try await shell.dioptra("init", "lab", "--no-input", "--render-only").status == 0)
    let cases: [([String], String)] = [
      (["config", "get", "db_prt"], "name-unknown"), (["config", "set", "db_port=x"], "value-invalid"),
      (["component", "disable", "postgres"], "component-required"), (["component", "show", "nope"], "name-unknown"),
      (["secret", "show", "nope"], "name-unknown"), (["explain", "nope"], "name-unknown"),
      (["history", "show", "9"], "name-unknown"), (["rollback", "9"], "name-unknown"),
      (["drift", "--accept", "nope"], "file-unknown"),
      (["upgrade", "--release", "0.1"], "value-invalid"), (["history", "verify", "--head", "x"], "usage"),
    ]
    for (words, code) in cases { #expect(try await failure(words, in: "lab").code == code, "\(words)") }
    try shell.scratch.write("no database, but long enough to be taken for one\n", to: "lab/.dioptra/state.db")
    for words in [["drift"], ["history"], ["init"], ["secret", "list"]] {
      let error = try await failure(words, in: "lab")
      #expect(error.code == "state-damaged", "\(words)")
      #expect(error.remedies.flatMap { $0.commands ?? [] }.contains(["dioptra", "adopt", shell.scratch.file("lab")]))
    }
  }

  @Test func aConflictIsOneObjectAndExitCode3() async throws {
    #expect(try await shell.dioptra("init", "lab", "--no-input", "--render-only").status == 0)
    let compose = try shell.scratch.read("lab/docker-compose.yml")
    try shell.scratch.write(
      compose.replacingOccurrences(of: ":35432:", with: ":35433:"), to: "lab/docker-compose.yml")
    #expect(try await shell.dioptra("config", "set", "db_port=35434", in: "lab").status == 0)
    let error = try await failure(["init", "--render-only"], in: "lab")
    #expect(error.code == "conflict" && error.exitCode == 3)
  }

  @Test func helpIsNoFailure() async throws {
    let outcome = try await shell.dioptra("drift", "--json", "--help")
    #expect(outcome.status == 0 && outcome.output.hasPrefix("OVERVIEW:"))
  }

  @Test func withoutJSONStandardOutputStaysEmpty() async throws {
    let outcome = try await shell.dioptra("drift")
    #expect(outcome.status == 1 && outcome.output.isEmpty)
    #expect(outcome.errors.hasPrefix("dioptra: there is no deployment in "))
  }
}
