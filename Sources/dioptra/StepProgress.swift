import DioptraKitCore
import Synchronization

/// Shows what steps do while they run: a live view on a terminal, lines elsewhere, events as JSON.
final class StepProgress: Sendable {
  private let output: Output
  private let titles: [StepID: String]
  private let width: Int
  private let display: Mutex<Display>

  private struct Display {
    var running: [(id: StepID, since: ContinuousClock.Instant)] = []
    var waiting: [StepID]
    var lastLines: [StepID: String] = [:]
    var fetches: FetchView
    /// When something was last told of an image, where the view is not live.
    var told: [StepID: ContinuousClock.Instant] = [:]
    var region: LiveRegion?
  }

  private init(_ plan: InitPlan, in output: Output) {
    self.output = output
    titles = Dictionary(uniqueKeysWithValues: plan.due.map { ($0.step.id, $0.step.title) })
    width = plan.due.map(\.step.title.count).max() ?? 0
    display = Mutex(
      Display(
        waiting: plan.due.map(\.step.id), fetches: FetchView(images: plan.due.count(where: \.isFetch)),
        region: output.isLive ? LiveRegion() : nil))
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
      progress.display.withLock { display in
        display.region?.clear()
        display.region = nil
      }
    }
    try await body { progress.take($0) }
  }

  private func take(_ event: StepEvent) {
    if output.isJSON {
      guard isWorthTelling(event) else { return }
      return output.event(StepEventLine(event, titles: titles))
    }
    display.withLock { display in
      switch event {
      case .started(let id):
        display.waiting.removeAll { $0 == id }
        display.running.append((id, .now))
        if display.region == nil { say("\(title(id)) …", &display) }
      case .said(let id, let line):
        display.lastLines[id] = line
        if output.isVerbose { say("  \(id): \(line)", &display) }
      case .fetched(let id, let progress):
        return take(progress, of: id, &display)
      case .ended(let id, let result):
        display.running.removeAll { $0.id == id }
        display.fetches.end(id)
        say(verdict(id, result), &display)
        if result.outcome == .failed { tell(result, &display) }
      case .warned(let finding):
        say("  \(output.yellow("!")) \(finding.state). \(finding.remedy?.text ?? "").", &display)
      }
      draw(&display)
    }
  }

  /// The live view is drawn ten times a second anyway; elsewhere a line now and then will do.
  private func take(_ progress: FetchProgress, of id: StepID, _ display: inout Display) {
    let now = ContinuousClock.now
    display.fetches.take(progress, of: id, at: now)
    guard display.region == nil, let line = display.fetches.line(of: id) else { return }
    guard let last = display.told[id] else { return display.told[id] = now }
    guard now - last >= Self.interval else { return }
    display.told[id] = now
    say("  \(title(id)): \(line)", &display)
  }

  /// Between two lines about one image.
  private static let interval = Duration.seconds(20)

  /// The engine reports bytes many times a second; as JSON, one report a second will do.
  private func isWorthTelling(_ event: StepEvent) -> Bool {
    guard case .fetched(let id, let progress) = event else { return true }
    return display.withLock { display in
      let now = ContinuousClock.now
      if let last = display.told[id], now - last < .seconds(1), progress.phase != .waiting { return false }
      display.told[id] = now
      return true
    }
  }

  private func verdict(_ id: StepID, _ result: StepResult) -> String {
    let seconds = result.duration.text
    switch result.outcome {
    case .succeeded: return "  \(output.green("✓")) \(title(id).padded(to: width))  \(seconds.padded(left: 7))"
    case .failed:
      return "  \(output.red("✗")) \(title(id).padded(to: width))  \(seconds.padded(left: 7))  \(result.cause ?? "")"
    }
  }

  /// The last lines of a failed step, which are most likely to show the cause.
  private func tell(_ result: StepResult, _ display: inout Display) {
    for line in result.output.split(separator: "\n").suffix(15) { complain("      \(line)", &display) }
  }

  private func title(_ id: StepID) -> String { titles[id] ?? id.rawValue }

  private func say(_ line: String, _ display: inout Display) {
    display.region?.clear()
    output.say(line)
  }

  private func complain(_ line: String, _ display: inout Display) {
    display.region?.clear()
    if output.isQuiet { Output.note(line) } else { output.say(line) }
  }

  // MARK: The live view

  private func draw() {
    display.withLock { draw(&$0) }
  }

  private func draw(_ display: inout Display) {
    guard display.region != nil else { return }
    let now = ContinuousClock.now
    var lines = display.running.map { step in
      let text = display.fetches.line(of: step.id) ?? display.lastLines[step.id]
      let line = text.map { "  " + output.dim($0) } ?? ""
      return "  \(LiveRegion.spinner(now)) \(title(step.id).padded(to: width))  "
        + "\((now - step.since).text.padded(left: 7))\(line)"
    }
    if let next = display.waiting.first {
      let more = display.waiting.count > 1 ? ", then \(display.waiting.count - 1) more" : ""
      lines.append("  " + output.dim("· next: \(title(next))\(more)"))
    }
    if let summary = display.fetches.summary { lines.append("  " + output.dim(summary)) }
    display.region?.draw(lines)
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
  var phase: FetchProgress.Phase?
  var bytes: Int?
  var total: Int?
  var note: String?

  init(_ event: StepEvent, titles: [StepID: String]) {
    switch event {
    case .started(let id): (self.event, step, title) = ("started", id, titles[id])
    case .said(let id, let line): (self.event, step, self.line) = ("said", id, line)
    case .fetched(let id, let progress):
      (self.event, step, phase, note) = ("fetched", id, progress.phase, progress.note)
      (bytes, total) = (progress.bytes, progress.total)
    case .ended(let id, let result):
      (self.event, step, title) = ("ended", id, titles[id])
      (outcome, seconds, cause) = (result.outcome, result.duration.inSeconds, result.cause)
    case .warned(let finding): (self.event, line) = ("warned", "\(finding.state). \(finding.remedy?.text ?? "").")
    }
  }
}
