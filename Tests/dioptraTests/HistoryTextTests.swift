import Foundation
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraState
@testable import DioptraSystem

/// The text of the history, with a fixed clock.
struct HistoryTextTests {
  private static let now = Timestamp(seconds: 1_790_000_000)
  private static let run = HistoryRun(
    id: 12, command: "dioptra init --set 'deployment_name=AI lab'", version: "0.1.0", user: "ada", host: "lab1",
    startedAt: "2026-09-21T14:10:00Z", finishedAt: "2026-09-21T14:12:20Z", outcome: .failed, generation: 4,
    filesChanged: 2, onlyPath: nil, steps: 3, components: nil)

  @Test func theTable() throws {
    func run(_ id: Int, _ ago: Int, _ outcome: HistoryRun.Outcome?, _ command: String, files: Int = 0, steps: Int = 0)
      -> HistoryRun
    {
      HistoryRun(
        id: id, command: command, version: "0.1.0", user: "ada", host: "lab1",
        startedAt: Timestamp(seconds: Self.now.seconds - ago).description, finishedAt: nil, outcome: outcome,
        generation: files > 0 ? id : nil, filesChanged: files, onlyPath: files == 1 ? "dioptra.yaml" : nil,
        steps: steps,
        components: nil)
    }
    let table = HistoryTable(
      [
        run(13, 2, nil, "dioptra start --wait"), Self.run,
        run(
          11, 4_000, .stopped, "dioptra init --set container_tag=1.2.0 --set num_pytorch_gpu_workers=2 --conflict stop"),
        run(3, 90_000, .interrupted, "dioptra init", files: 1, steps: 1),
        run(2, 900_000, .succeeded, "dioptra x\u{1B}[2J"),
        run(1, 40_000_000, .succeeded, "dioptra init lab", files: 59),
      ], now: Self.now)
    let text = TextTable(HistoryTable.header, table.rows).text(emphasizing: { $0 })
    try Golden().expect(text, in: "history/table.txt")
  }

  /// The judge is the encoder that all other results come from.
  @Test func theJSONMatchesTheEncoders() throws {
    let odd = HistoryRun(
      id: 1, command: "dioptra \"x\" \\ / \n\t\r\u{8}\u{C}\u{1B}\u{7F} é ‹hidden› 🙂\u{2028}", version: "", user: "",
      host: "h",
      startedAt: "", finishedAt: nil, outcome: nil, generation: nil, filesChanged: 0, onlyPath: nil, steps: 0,
      components: ["proxy", "tls"].map { ComponentChange(id: $0, from: 1, to: 2) })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    for runs in [[], [Self.run], [Self.run, odd]] {
      let text = HistoryJSON(runs).text
      #expect(text == String(decoding: try encoder.encode(["runs": runs]), as: UTF8.self) + "\n")
    }
  }

  @Test(arguments: [false, true])
  func aRun(all: Bool) throws {
    let secret = StoredText(Text(SecretReference(name: "db_password", version: 1), .plain)).characters
    func file(_ text: String, mode: UInt32 = 0o644) -> State.GenerationFile {
      let version = FileVersion(text: StoredText(text), mode: mode)
      return State.GenerationFile(component: "one", rendered: version, recorded: version)
    }
    func generation(_ id: Int, _ files: [String: State.GenerationFile], _ configuration: String) -> State.Generation {
      State.Generation(
        id: id, isApplied: true, version: GenerationVersion(template: 1, release: "1.1.0"),
        configuration: configuration, files: files)
    }
    let changes = GenerationDifference(
      from: generation(
        3, ["a.sh": file("one\ntwo\n"), "gone": file("bye\n"), ".env": file("A=\(secret)\n", mode: 0o600)], "tag: 1\n"),
      to: generation(
        4,
        [
          "a.sh": file("one\ntwo\n", mode: 0o755), "new/b": file("x\u{1B}[2J\n"),
          ".env": file("A=\(secret)\nB=2", mode: 0o600),
        ], "tag: 2\n"), hiding: SecretValues([:]), at: { _ in true })
    func step(_ id: String, _ outcome: HistoryRun.Outcome?, _ output: String?, _ duration: Double?) -> RunDetails.Step {
      RunDetails.Step(
        id: id, title: "Does something", component: "one", startedAt: Self.run.startedAt, finishedAt: nil,
        duration: duration, outcome: outcome, output: output)
    }
    let details = RunDetails(
      run: Self.run, appliedAt: "2026-09-21T14:10:01Z", changes: changes, putBack: ["envs/x.env"],
      steps: [
        step("images.pull", .succeeded, nil, 75), step("postgres.start", .succeeded, "", 3.21),
        step("minio.setup", .failed, (1...14).map { "line \($0)" }.joined(separator: "\n"), 12),
        step("frontend.build", .interrupted, nil, nil),
      ])
    try Golden().expect(details.text(now: Self.now, all: all), in: "history/run\(all ? "-all" : "").txt")
  }
}
