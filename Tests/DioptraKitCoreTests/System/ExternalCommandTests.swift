import Foundation
import Synchronization
import TestSupport
import Testing

@testable import DioptraSystem

/// Real programs, run to their ends and not.
struct ExternalCommandTests {
  private func shell(_ script: String, environment: [String: String?] = [:]) -> ExternalCommand {
    ExternalCommand(arguments: ["sh", "-c", script], environment: environment)
  }

  @Test func statusAndBothOutputsAreSeparate() async throws {
    let outcome = try await shell("echo out; echo err >&2; exit 7").outcome()
    #expect(outcome.status == 7 && outcome.output == "out\n" && outcome.errors == "err\n")
    #expect(try await shell("kill -9 $$").outcome().status == 137)
  }

  @Test func linesOfBothOutputsComeInTheirOrder() async throws {
    let lines = Mutex<[String]>([])
    let status = try await shell("echo one; echo two >&2; printf three").run { line in
      lines.withLock { $0.append(line) }
    }
    #expect(status == 0)
    #expect(lines.withLock { $0 } == ["one", "two", "three"])
  }

  @Test func aMissingProgramIsDistinguishedFromOneThatFails() async throws {
    await #expect(throws: ExternalCommand.Missing.self) {
      try await ExternalCommand(arguments: ["no-such-program-at-all"]).outcome()
    }
  }

  @Test func nothingCanBeReadAndVariablesCanBeTakenAway() async throws {
    #expect(try await shell("read -r line || echo nothing").outcome().output == "nothing\n")
    #expect(
      try await shell("echo ${HOME:-gone}${NEW:-}", environment: ["HOME": nil, "NEW": "!"]).outcome().output
        == "gone!\n")
  }

  @Test func aCancelledProgramAndItsChildrenEnd() async throws {
    let scratch = try Scratch()
    let command = shell("sh -c 'sleep 900; touch \(scratch.file("late"))' & echo $! >\(scratch.file("child")); wait")
    await #expect(throws: CancellationError.self) { try await command.outcome(within: 1) }
    let child = try scratch.read("child").trimmingCharacters(in: .whitespacesAndNewlines)
    try await Task.sleep(for: .milliseconds(300))
    #expect(!FileManager.default.fileExists(atPath: "/proc/\(child)/fd/1"))
  }
}
