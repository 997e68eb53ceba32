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
  /// How many images are fetched at once.
  var fetches = 1

  /// Runs the due steps.
  ///
  /// - Returns: The failed steps, in the order of the plan.
  /// - Throws: `CancellationError` after running steps have ended and are cleaned up.
  func run(watch: @escaping @Sendable (StepEvent) -> Void) async throws -> [StepFailure] {
    let activity = ActivityClock()
    var graph = StepGraph(plan, fetching: fetches)
    var failed: [StepID: StepResult] = [:]
    do {
      try await withThrowingTaskGroup(of: (StepID, StepResult).self) { group in
        func start(_ entries: [InitPlan.Entry]) throws {
          for entry in entries {
            try ledger.start(entry)
            watch(.started(entry.step.id))
            let attempt = StepAttempt(entry: entry, executor: executor, secrets: secrets, activity: activity)
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
  /// When a byte of an image last came.
  let activity: ActivityClock

  func result(_ watch: @escaping @Sendable (StepEvent) -> Void) async -> StepResult {
    let start = ContinuousClock.now
    let said = StepOutput(hiding: secrets)
    var cause: String?
    var remedies: [Remedy] = []
    var volumes: [String: String] = [:]
    do {
      if let image = entry.inputs.image {
        try await ImageFetch(engine: executor.engine, deployment: executor.deployment, activity: activity).run(image) {
          progress in
          watch(.fetched(entry.step.id, progress))
        }
      } else {
        try await executor.perform(entry.step.value) { line in
          watch(.said(entry.step.id, said.add(line)))
        }
      }
      volumes = try await executor.engine.volumes(entry.inputs.volumes).mapValues(\.instance)
    } catch let failure as ExecutionFailure {
      cause = failure.cause
      remedies = failure.remedies
    } catch is CancellationError {
      cause = "it was interrupted"
    } catch {
      cause = "\(error)"
    }
    return StepResult(
      outcome: cause == nil ? .succeeded : .failed, cause: cause, remedies: remedies,
      duration: ContinuousClock.now - start,
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
    let problem = "the step \(first.step.id) failed\(others): \(first.result.cause ?? "")"
    if !first.result.remedies.isEmpty {
      return DioptraError(.stepFailed, problem, remedies: first.result.remedies)
    }
    return DioptraError(
      .stepFailed, problem,
      remedy: "Fix the cause, then run \(dioptra: "init") to resume; full output: "
        + "\(dioptra: "steps", "--log", first.step.id.rawValue)")
  }
}
