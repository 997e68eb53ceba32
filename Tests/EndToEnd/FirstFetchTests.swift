import DioptraKitCore
import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// The first initialisation on a machine that has no image, over a line of a given rate.
  @Suite(.enabled(if: Thorough.isOn, "five minutes: run `make e2e-all`")) struct FirstFetch {
    private let stage = Stage.shared
    /// Bytes a second. All images take about as long as the steps.
    private static let rate = 18_000_000

    @Test func onASlowLineItTakesLittleMoreThanTheLineOrTheStepsDo() async throws {
      try await stage.stopped()
      let registry = try Registry(Registry.Settings(folder: try await BedImages.folder(), rate: Self.rate))
      let machine = try await MachineApart(registry: registry)
      defer { machine.end() }
      let scratch = try Scratch()
      let run = try await ProgramRun.dioptra(
        ["init", scratch.file("lab"), "--no-input"] + BedImages.options(from: registry), in: scratch.path,
        environment: machine.environment)
      try #require(run.status == 0, "\(run.errors) \(run.output)")
      let bytes = try registry.bytes()
      let chain = try chainOfSteps(run)

      try await machine.clear()
      registry.forget()
      let start = ContinuousClock.now
      let reference = try await Tool.run(
        "bash", [Companion.rig("reference-calls.sh"), scratch.file("lab")], environment: machine.environment,
        in: scratch.path)
      let calls = ContinuousClock.now - start
      try #require(reference.succeeded, "\(reference.output.suffix(2000)) \(reference.errors.suffix(2000))")

      figure("first init on a slow line", run.duration.text)
      figure("the reference's seventeen calls on it", "\(calls.text), \(try registry.bytes() / 1_000_000) MB")
      figure("all bytes at its rate", String(format: "%.1f s, %d MB", bytes.seconds(at: Self.rate), bytes / 1_000_000))
      figure("longest chain of steps on it", String(format: "%.1f s", chain))
      // As on a fast line, the bound leaves room for a loaded machine.
      limit("first init / the reference's calls, on a slow line", run.duration / calls, atMost: 1.1)
      let floor = max(bytes.seconds(at: Self.rate), chain)
      limit("first init on a slow line / its line or its steps", run.duration.seconds / floor, atMost: 1.25)
    }

    /// The seconds that the slowest way through the graph takes.
    private func chainOfSteps(_ run: ProgramRun) throws -> Double {
      var ends: [String: Double] = [:]
      for step in try RenderedFolder.deployment().blueprint.steps.map(\.value) {
        let start = step.requires.compactMap { ends[$0.rawValue] }.max() ?? 0
        ends[step.id.rawValue] = start + (run.seconds[step.id.rawValue] ?? 0)
      }
      return ends.values.max() ?? 0
    }
  }
}

extension Int {
  /// How long so many bytes take.
  fileprivate func seconds(at rate: Int) -> Double { Double(self) / Double(rate) }
}
