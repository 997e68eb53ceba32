import Foundation
import TestSupport
import Testing

/// History as the built program records and shows it.
struct HistoryCommandTests {
  private let shell: Shell
  private var scratch: Scratch { shell.scratch }

  /// An `init`, a change of the configuration that fails to be written, the change, and an `init` that conflicts stop.
  init() async throws {
    shell = try Shell()
    _ = try await shell.dioptra(
      "init", "lab", "--no-input", "--set", "deployment_name=AI lab", "--set", "release=1.2.2")
    _ = try await shell.dioptra("config", "set", "container_tag=1.2.0", in: "lab")
    let failed = try await Tool.run(
      Tool.dioptra, ["init"], environment: ["DIOPTRA_FAULT": "ENOSPC:9"], in: scratch.file("lab"))
    #expect(failed.status == 1)
    #expect(try await shell.dioptra("init", in: "lab").status == 0)
    let compose = try scratch.read("lab/docker-compose.yml")
    try scratch.write(compose.replacing(":1.2.0", with: ":mine"), to: "lab/docker-compose.yml")
    #expect(try await shell.dioptra("init", "--set", "container_tag=1.2.1", in: "lab").status == 3)
  }

  private func runs(_ arguments: String...) async throws -> [[String: Any]] {
    let outcome = try await Tool.run(Tool.dioptra, ["history", "--json"] + arguments, in: scratch.file("lab"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try #require(try Shell.object(outcome)["runs"] as? [[String: Any]])
  }

  @Test func everyRunIsListedWithItsOutcomeNewestFirst() async throws {
    let runs = try await runs()
    #expect(
      runs.compactMap { $0["command"] as? String } == [
        "dioptra init --set container_tag=1.2.1", "dioptra init", "dioptra init",
        "dioptra config set container_tag=1.2.0",
        "dioptra init lab --no-input --set 'deployment_name=AI lab' --set release=1.2.2",
      ])
    #expect(
      runs.compactMap { $0["outcome"] as? String } == ["stopped", "succeeded", "failed", "succeeded", "succeeded"])
    #expect(runs.compactMap { $0["id"] as? Int } == [5, 4, 3, 2, 1])
    for run in runs {
      for key in ["version", "user", "host"] { #expect((run[key] as? String)?.isEmpty == false) }
      for key in ["startedAt", "finishedAt"] { #expect((run[key] as? String)?.hasSuffix("Z") == true) }
      #expect(run.keys.contains("generation"))
    }
    #expect(runs.last?["generation"] as? Int == 1)
    #expect(runs.last?["filesChanged"] as? Int ?? 0 > 50)
    #expect(runs.first?["generation"] is NSNull)
  }

  @Test func aRunWhoseProcessIsGoneWasInterrupted() async throws {
    let died = try await Tool.run(
      Tool.dioptra, ["init", "--set", "container_tag=1.2.1", "--conflict", "ours"],
      environment: ["DIOPTRA_FAULT": "exit:9"], in: scratch.file("lab"))
    #expect(died.status == 99)
    let before = try scratch.files(below: "lab")
    let run = try #require(try await runs().first)
    #expect(run["outcome"] as? String == "interrupted")
    #expect(run["finishedAt"] is NSNull)
    #expect(try scratch.files(below: "lab") == before)
    #expect(try await shell.dioptra("history", in: "lab").output.contains("interrupted"))
  }

  @Test(.needs("flock")) func aRunInProgressHasNoOutcomeAndIsNotDisturbed() async throws {
    _ = try await Tool.run(
      Tool.dioptra, ["init", "--set", "container_tag=1.2.1", "--conflict", "ours"],
      environment: ["DIOPTRA_FAULT": "exit:9"], in: scratch.file("lab"))
    let command = "flock .dioptra/lock \"$0\" history --json; \"$0\" history --json"
    let outcome = try await Tool.run("bash", ["-c", command, Tool.dioptra], in: scratch.file("lab"))
    #expect(outcome.output.ranges(of: "\"outcome\" : null").count == 1)
    #expect(outcome.output.ranges(of: "\"outcome\" : \"interrupted\"").count == 1)
  }

  @Test func sinceAndComponentLeaveOutTheOthers() async throws {
    #expect(try await runs("--since", "1h").count == 5)
    #expect(try await runs("--since", "2020-01-01").count == 5)
    #expect(try await runs("--since", "2099-01-01T00:00:00Z").isEmpty)
    #expect(try await runs("--component", "dbadmin").compactMap { $0["id"] as? Int } == [1])
    #expect(try await runs("--component", "deployment").count == 3)
    let unknown = try await shell.dioptra("history", "--component", "postgre", in: "lab")
    #expect(unknown.status == 1)
    #expect(unknown.errors.contains("Perhaps postgres is meant"))
    #expect(try await shell.dioptra("history", "--since", "soon", in: "lab").status == 64)
  }

  @Test func aRunIsShownWithItsDifferencesAndNoSecret() async throws {
    let values = try shell.values(of: "lab/.env")
    let password = try #require(values["PGADMIN_DEFAULT_PASSWORD"])
    let show = try await shell.dioptra("history", "show", "4", in: "lab")
    #expect(show.output.contains("-container_tag: 1.1.0\n+container_tag: 1.2.0\n"))
    #expect(show.output.contains("--- a/docker-compose.yml\n+++ b/docker-compose.yml\n@@"))
    let first = try await shell.dioptra("history", "show", "1", "--verbose", in: "lab")
    #expect(first.output.contains("+PGADMIN_DEFAULT_PASSWORD=‹pgadmin_default_password›\n"))
    #expect(!first.output.contains(password))
    let unknown = try await shell.dioptra("history", "show", "9", in: "lab")
    #expect(unknown.status == 1)
    #expect(unknown.errors.contains("there is no run 9"))
  }

  @Test func twoGenerationsAreCompared() async throws {
    let newest = try #require(try await runs()[1]["generation"] as? Int)
    let all = try await shell.dioptra("history", "diff", "1", "\(newest)", in: "lab")
    #expect(all.output.hasPrefix("--- a/dioptra.yaml\n+++ b/dioptra.yaml\n"))
    let back = try await shell.dioptra("history", "diff", "\(newest)", "1", "dioptra.yaml", in: "lab")
    #expect(back.output.contains("-container_tag: 1.2.0\n+container_tag: 1.1.0\n"))
    #expect(back.output.ranges(of: "+++").count == 1)
    #expect(try await shell.dioptra("history", "diff", "1", "1", in: "lab").output == "")
    #expect(try await shell.dioptra("history", "diff", "1", "99", in: "lab").errors.contains("no generation 99"))
    let unknown = try await shell.dioptra("history", "diff", "1", "\(newest)", "docker-compose.yaml", in: "lab")
    #expect(unknown.errors.contains("Perhaps docker-compose.yml is meant"))
    let json = try Shell.object(try await shell.dioptra("history", "diff", "1", "\(newest)", "--json", in: "lab"))
    let files = try #require(json["files"] as? [[String: Any]])
    #expect(files.contains { $0["path"] as? String == "docker-compose.yml" && $0["action"] as? String == "update" })
  }

  @Test func theExportIsJSONWithoutAnySecret() async throws {
    let export = try await shell.dioptra("history", "export", in: "lab")
    var tables: Set<String> = []
    for line in export.output.split(separator: "\n") {
      let row = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      tables.insert(row["table"] as? String ?? "")
    }
    #expect(tables.isSuperset(of: ["deployment", "secret", "run", "generation", "file", "change", "content", "event"]))
    let database = scratch.file("lab/.dioptra/state.db")
    let values = try await Tool.run(
      "sqlite3", [database, "SELECT value FROM secret UNION SELECT value FROM deployment WHERE name = 'chain key'"])
    #expect(values.output.split(separator: "\n").count > 10)
    for value in values.output.split(separator: "\n") { #expect(!export.output.contains(value)) }
  }

  @Test(.needs("sqlite3")) func theChainIsVerifiedWithAndWithoutAHead() async throws {
    let head = try await shell.dioptra("history", "head", in: "lab").output.trimmingCharacters(
      in: .whitespacesAndNewlines)
    #expect(head.contains(/^\d+-[0-9a-f]{64}$/))
    let before = try scratch.files(below: "lab")
    let good = try await shell.dioptra("history", "verify", "--head", head, in: "lab")
    #expect(good.status == 0)
    #expect(good.output.contains("matches the given head"))
    #expect(
      try await shell.dioptra("history", "verify", in: "lab").output.contains("could have recomputed the chain"))
    #expect(try scratch.files(below: "lab") == before)
    _ = try await shell.dioptra("init", "--conflict", "ours", in: "lab")
    #expect(try await shell.dioptra("history", "verify", "--head", head, in: "lab").status == 0)
    let database = scratch.file("lab/.dioptra/state.db")
    let outcome = try await Tool.run("sqlite3", [database, "UPDATE run SET user = 'somebody' WHERE id = 4"])
    #expect(outcome.succeeded)
    let bad = try await shell.dioptra("history", "verify", "--json", in: "lab")
    #expect(bad.status == 1)
    #expect(bad.errors.contains("run 4 was changed"))
    #expect(try Shell.object(bad)["intact"] as? Bool == false)
    #expect(try await shell.dioptra("history", "verify", "--head", "1-x", in: "lab").status == 64)
  }
}
