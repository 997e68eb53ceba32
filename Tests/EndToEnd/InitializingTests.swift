import DioptraKitCore
import Foundation
import TestSupport
import Testing

extension EndToEnd {
  @Suite struct Initializing {
    private let stage = Stage.shared

    @Test func theFirstInitRunsEveryStepAndLeavesNothingRunning() async throws {
      let run = try await stage.initialized()
      let steps = try RenderedFolder.deployment().blueprint.steps.map(\.value)
      let expected = Set(steps.filter { !$0.action.isFetch }.map(\.id.rawValue))
      #expect(Set(run.started) == expected)
      #expect(run.events.filter { $0.event == "ended" }.allSatisfy { $0.outcome == "succeeded" })
      #expect(try await stage.leftovers() == [])
      let chain = Self.longestChain(steps, run.seconds)
      figure("first init", run.duration.text)
      figure("longest chain of its steps", String(format: "%.1f s", chain))
      // A third more than measured, and a second for short chains: what other programs take from it is no fault.
      limit("first init / longest chain", run.duration.seconds / chain, atMost: 1.6 + 1 / chain)
      limit("processor time of dioptra itself / first init", run.ownProcessorTime / run.duration.seconds, atMost: 0.2)
    }

    @Test func noSecretIsShownAndNoneIsInState() async throws {
      let run = try await stage.initialized()
      let values = try String(contentsOfFile: "\(stage.folder)/.env", encoding: .utf8).split(separator: "\n")
        .flatMap { $0.split { "=:@/".contains($0) } }.filter {
          $0.count >= 26 && $0.allSatisfy { $0.isLetter || $0.isNumber }
        }
      #expect(values.count >= 8)
      let query = "SELECT body FROM output UNION ALL SELECT body FROM event UNION ALL SELECT inputs FROM step"
      let said = try await Tool.run("sqlite3", ["\(stage.folder)/.dioptra/state.db", query])
      try #require(said.succeeded && said.output.contains("step finished") == false && said.output.contains("run: "))
      for value in values {
        #expect(!run.output.contains(value) && !run.errors.contains(value) && !said.output.contains(value))
      }
    }

    @Test func theLedgerRecordsEveryStep() async throws {
      try await stage.initialized()
      let outcome = try await stage.dioptra("steps", "--json")
      let rows = try JSONDecoder().decode([String: [Row]].self, from: Data(outcome.output.utf8))["steps"] ?? []
      for row in rows where !row.id.hasPrefix("image.") {
        #expect(row.outcome == "succeeded" && row.due == false && row.seconds != nil, "\(row.id)")
      }
      #expect(rows.count >= 14)
      #expect(try await stage.dioptra("steps", "--log", "minio.setup").output.contains("mlflow-tracking-readwrite"))
    }

    struct Row: Decodable {
      let id: String
      let outcome: String?
      let seconds: Double?
      let due: Bool?
    }

    @Test func aSecondInitHasNothingToDo() async throws {
      try await stage.stopped()
      let run = try await ProgramRun.dioptra(["init"], in: stage.folder)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.started == [])
      let first = try await stage.initialized().duration
      limit("second init / first init", run.duration / first, atMost: 0.25)
      #expect(try await stage.dioptra("init", "--dry-run").output.contains("All steps of initialisation have run."))
    }

    /// The seconds that the slowest way through the graph takes.
    private static func longestChain(_ steps: [Step], _ seconds: [String: Double]) -> Double {
      var ends: [StepID: Double] = [:]
      for step in steps {
        let start = step.requires.compactMap { ends[$0] }.max() ?? 0
        ends[step.id] = start + (seconds[step.id.rawValue] ?? 0)
      }
      return ends.values.max() ?? 0
    }
  }
}
