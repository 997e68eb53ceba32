import Foundation
import TestSupport
import Testing

/// A process was killed in the middle of a commit: State has a journal from which the next writer undoes it.
@Suite(.needs("python3"))
struct CutOffWriteTests {
  private let shell: Shell
  private var scratch: Scratch { shell.scratch }

  init() throws {
    shell = try Shell()
  }

  @Test func commandsThatOnlyLookSaySoAndTheNextInitUndoesIt() async throws {
    _ = try await shell.dioptra("init", "lab", "--no-input")
    try await cutOffAWrite()
    let before = try scratch.files(below: "lab")
    for command in [["status"], ["secret", "list"]] {
      let outcome = try await Tool.run(Tool.dioptra, command, in: scratch.file("lab"))
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains("was interrupted. Run `dioptra init`"))
    }
    #expect(try scratch.files(below: "lab") == before)
    #expect(try await shell.dioptra("init", in: "lab").status == 0)
    #expect(try await shell.dioptra("status", in: "lab").status == 0)
    #expect(try scratch.files(below: "lab")[".dioptra/state.db-journal"] == nil)
  }

  @Test func aConfigurationThatIsMissingIsNotReplacedByDefaults() async throws {
    _ = try await shell.dioptra("init", "lab", "--no-input", "--set", "nginx_proxy_read_timeout=777s")
    try await cutOffAWrite()
    try FileManager.default.removeItem(atPath: scratch.file("lab/dioptra.yaml"))
    let outcome = try await shell.dioptra("init", "lab", "--no-input")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("has no dioptra.yaml"))
    #expect(try scratch.read("lab/config/nginx/http_proxy.conf").contains("proxy_read_timeout 777s;"))
  }

  @Test func theChoicesOfAFirstInitSurvive() async throws {
    var place = 1
    repeat {
      try? FileManager.default.removeItem(atPath: scratch.file("lab"))
      _ = try await FaultScene.dioptra(
        scratch, ["init", "lab", "--no-input", "--set", "deployment_name=My lab"], fault: "exit:\(place)")
      place += 1
    } while (try? Data(contentsOf: URL(filePath: scratch.file("lab/.dioptra/state.db"))).count) ?? 0 == 0
    try await cutOffAWrite()
    #expect(try await shell.dioptra("init", "lab", "--dry-run").status == 1)
    #expect(try await shell.dioptra("init", "lab", "--no-input").status == 0)
    #expect(try scratch.read("lab/dioptra.yaml").contains("\ndeployment_name: My lab\n"))
  }

  @Test func aStateThatCannotBeReadIsNoEmptyFolder() async throws {
    _ = try await shell.dioptra("init", "lab", "--no-input")
    try FileManager.default.removeItem(atPath: scratch.file("lab/dioptra.yaml"))
    try scratch.write(
      "this is no database, whatever its name says, and long enough to be one\n", to: "lab/.dioptra/state.db")
    let outcome = try await shell.dioptra("init", "lab", "--no-input")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("damaged or no database"))
  }

  /// Writes more than fits into memory, and dies before the commit.
  private func cutOffAWrite() async throws {
    let program = """
      import os, signal, sqlite3, sys
      state = sqlite3.connect(sys.argv[1], isolation_level=None)
      state.execute("PRAGMA cache_size = 2")
      state.execute("BEGIN IMMEDIATE")
      state.execute("UPDATE secret SET value = value || 'x'")
      for number in range(200):
          state.execute("INSERT INTO content VALUES (?, ?)", (str(number), "x" * 9000))
      os.kill(os.getpid(), signal.SIGKILL)
      """
    _ = try await Tool.run("python3", ["-c", program, scratch.file("lab/.dioptra/state.db")])
    let journal = try Data(contentsOf: URL(filePath: scratch.file("lab/.dioptra/state.db-journal")))
    try #require(journal.first.map { $0 != 0 } == true, "there is no journal to undo")
  }
}
