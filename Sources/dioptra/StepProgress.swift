import DioptraKitCore
import Synchronization

/// Shows what steps do while they run: a live view on a terminal, lines elsewhere, events as JSON.
final class StepProgress: Sendable {
  private let output: Output
  private let titles: [StepID: String]
  private let width: Int
  private let scene: Mutex<Scene>

  private struct Scene {
    var running: [(id: StepID, since: ContinuousClock.Instant)] = []
    var waiting: [StepID]
    var lastLines: [StepID: String] = [:]
    var region: LiveRegion?
  }

  private init(_ plan: InitPlan, in output: Output) {
    self.output = output
    titles = Dictionary(uniqueKeysWithValues: plan.due.map { ($0.step.id, $0.step.title) })
    width = plan.due.map(\.step.title.count).max() ?? 0
    scene = Mutex(Scene(waiting: plan.due.map(\.step.id), region: output.isLive ? LiveRegion() : nil))
  }

  /// Shows the events of the steps of a plan while a body runs.
  static func showing(
    _ plan: InitPlan, in output: Output, _ body: (@escaping @Sendable (StepEvent) -> Void) async throws -> Void
  ) async throws {
    guard !plan.due.isEmpty else { return }
    let progress = StepProgress(plan, in: output)
    let clock = Task {
      while !Task.isCancelled {
        progress.draw()
        try? await Task.sleep(for: .milliseconds(100))
      }
    }
    defer {
      clock.cancel()
      progress.scene.withLock { scene in
        scene.region?.clear()
        scene.region = nil
      }
    }
    try await body { progress.take($0) }
  }

  private func take(_ event: StepEvent) {
    if output.isJSON { return output.event(StepEventLine(event, titles: titles)) }
    scene.withLock { scene in
      switch event {
      case .started(let id):
        scene.waiting.removeAll { $0 == id }
        scene.running.append((id, .now))
        if scene.region == nil { say("\(title(id)) …", &scene) }
      case .said(let id, let line):
        scene.lastLines[id] = line
        if output.isVerbose { say("  \(id): \(line)", &scene) }
      case .ended(let id, let result):
        scene.running.removeAll { $0.id == id }
        say(verdict(id, result), &scene)
        if result.outcome == .failed { tell(result, &scene) }
      case .warned(let finding):
        say("  \(output.yellow("!")) \(finding.state). \(finding.remedy?.text ?? "").", &scene)
      }
      draw(&scene)
    }
  }

  private func verdict(_ id: StepID, _ result: StepResult) -> String {
    let seconds = result.duration.words
    switch result.outcome {
    case .succeeded: return "  \(output.green("✓")) \(title(id).padded(to: width))  \(seconds.padded(left: 7))"
    case .failed:
      return "  \(output.red("✗")) \(title(id).padded(to: width))  \(seconds.padded(left: 7))  \(result.cause ?? "")"
    }
  }

  /// The last lines of a step that failed, most likely with the cause in them.
  private func tell(_ result: StepResult, _ scene: inout Scene) {
    for line in result.output.split(separator: "\n").suffix(15) { complain("      \(line)", &scene) }
  }

  private func title(_ id: StepID) -> String { titles[id] ?? id.rawValue }

  private func say(_ line: String, _ scene: inout Scene) {
    scene.region?.clear()
    output.say(line)
  }

  private func complain(_ line: String, _ scene: inout Scene) {
    scene.region?.clear()
    if output.isQuiet { Output.note(line) } else { output.say(line) }
  }

  // MARK: The live view

  private func draw() {
    scene.withLock { draw(&$0) }
  }

  private func draw(_ scene: inout Scene) {
    guard scene.region != nil else { return }
    let now = ContinuousClock.now
    var lines = scene.running.map { step in
      let line = scene.lastLines[step.id].map { "  " + output.dim($0) } ?? ""
      return "  \(LiveRegion.spinner(now)) \(title(step.id).padded(to: width))  "
        + "\((now - step.since).words.padded(left: 7))\(line)"
    }
    if let next = scene.waiting.first {
      let more = scene.waiting.count > 1 ? ", then \(scene.waiting.count - 1) more" : ""
      lines.append("  " + output.dim("· next: \(title(next))\(more)"))
    }
    scene.region?.draw(lines)
  }
}

/// A step's event as a line of JSON.
private struct StepEventLine: Encodable {
  let event: String
  var step: StepID?
  var title: String?
  var line: String?
  var outcome: State.StepOutcome?
  var seconds: Double?
  var cause: String?

  init(_ event: StepEvent, titles: [StepID: String]) {
    switch event {
    case .started(let id): (self.event, step, title) = ("started", id, titles[id])
    case .said(let id, let line): (self.event, step, self.line) = ("said", id, line)
    case .ended(let id, let result):
      (self.event, step, title) = ("ended", id, titles[id])
      (outcome, seconds, cause) = (result.outcome, result.duration.inSeconds, result.cause)
    case .warned(let finding): (self.event, line) = ("warned", "\(finding.state). \(finding.remedy?.text ?? "").")
    }
  }
}
