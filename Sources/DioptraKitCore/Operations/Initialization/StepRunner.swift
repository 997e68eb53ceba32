internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// Runs the steps of a plan: each as soon as those that it requires have succeeded, independent ones in parallel.
///
/// A failed step only holds up those that require it. Services that were started are always stopped at the end.
struct StepRunner {
  let plan: InitPlan
  let executor: any StepExecutor
  let secrets: SecretValues
  let ledger: StepLedger

  /// Runs the due steps.
  ///
  /// - Returns: The failed steps, in the order of the plan.
  /// - Throws: `CancellationError` after running steps have ended and are cleaned up.
  func run(watch: @escaping @Sendable (StepEvent) -> Void) async throws -> [StepFailure] {
    var graph = StepGraph(plan)
    var failed: [StepID: StepResult] = [:]
    do {
      try await withThrowingTaskGroup(of: (StepID, StepResult).self) { group in
        func start(_ entries: [InitPlan.Entry]) throws {
          for entry in entries {
            try ledger.start(entry)
            watch(.started(entry.step.id))
            let attempt = StepAttempt(entry: entry, executor: executor, secrets: secrets)
            group.addTask { (entry.step.id, await attempt.result(watch)) }
          }
        }
        try start(graph.next())
        while let (id, result) = try await group.next() {
          try ledger.finish(id, result)
          watch(.ended(id, result))
          graph.end(id, succeeded: result.outcome == .succeeded)
          if result.outcome == .failed { failed[id] = result }
          if Task.isCancelled { graph.abandon() } else { try start(graph.next()) }
        }
      }
    } catch {
      try? await cleanUp()
      throw error
    }
    if Task.isCancelled || !failed.isEmpty { try? await cleanUp() }
    try Task.checkCancellation()
    return plan.due.compactMap { entry in failed[entry.step.id].map { StepFailure(step: entry.step, result: $0) } }
  }

  /// Even if this task has been cancelled.
  private func cleanUp() async throws {
    let executor = executor
    try await Task { try await executor.cleanUp() }.value
  }
}

/// One attempt at a step.
private struct StepAttempt: Sendable {
  let entry: InitPlan.Entry
  let executor: any StepExecutor
  let secrets: SecretValues

  func result(_ watch: @escaping @Sendable (StepEvent) -> Void) async -> StepResult {
    let start = ContinuousClock.now
    let said = StepOutput(hiding: secrets)
    var cause: String?
    var volumes: [String: String] = [:]
    do {
      try await executor.perform(entry.step.value) { line in
        watch(.said(entry.step.id, said.add(line)))
      }
      volumes = try await executor.engine.volumes(entry.inputs.volumes).mapValues(\.instance)
    } catch let failure as ExecutionFailure {
      cause = failure.cause
    } catch is CancellationError {
      cause = "it was interrupted"
    } catch {
      cause = "\(error)"
    }
    return StepResult(
      outcome: cause == nil ? .succeeded : .failed, cause: cause, duration: ContinuousClock.now - start,
      output: said.text, volumes: volumes)
  }
}

/// A step that did not succeed.
struct StepFailure: Sendable {
  let step: Owned<Step>
  let result: StepResult

  static func error(of failures: [StepFailure]) -> DioptraError? {
    guard let first = failures.first else { return nil }
    let others = failures.count == 1 ? "" : " (and \(failures.count - 1) more)"
    return DioptraError(
      .stepFailed, "the step \(first.step.id) failed\(others): \(first.result.cause ?? "")",
      remedy: "Fix the cause, then run \(dioptra: "init") to resume; full output: "
        + "\(dioptra: "steps", "--log", first.step.id.rawValue)")
  }
}

/// Keeps track of the steps that may start.
private struct StepGraph {
  private var waiting: [InitPlan.Entry]
  /// The step that stops everything: it runs last, even after a failure.
  private var final: InitPlan.Entry?
  private var running: Set<StepID> = []
  private var open: Set<StepID>

  init(_ plan: InitPlan) {
    waiting = plan.due.filter { $0.step.action != .stop }
    final = plan.due.first { $0.step.action == .stop }
    open = Set(waiting.map(\.step.id))
  }

  /// The steps that may start now; they count as running from here on.
  mutating func next() -> [InitPlan.Entry] {
    let ready = waiting.filter { open.isDisjoint(with: $0.step.requires) }
    waiting.removeAll { entry in ready.contains { $0.step.id == entry.step.id } }
    running.formUnion(ready.map(\.step.id))
    guard ready.isEmpty, running.isEmpty else { return ready }
    // The remaining steps require a failed one.
    waiting = []
    defer { final = nil }
    if let final { running.insert(final.step.id) }
    return final.map { [$0] } ?? []
  }

  mutating func end(_ id: StepID, succeeded: Bool) {
    running.remove(id)
    if succeeded { open.remove(id) }
  }

  /// No further step starts.
  mutating func abandon() {
    waiting = []
    final = nil
  }
}
