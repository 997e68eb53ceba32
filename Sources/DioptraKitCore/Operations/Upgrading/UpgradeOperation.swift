public import DioptraModel
internal import DioptraState
public import DioptraSystem

/// Upgrades a deployment to what this version of the program renders.
public struct UpgradeOperation {
  /// The changes, made or planned.
  public struct Report {
    /// The migrations, and the resulting configuration and files.
    public let upgrade: Upgrade
    /// The one-way migrations that block a run.
    public let unallowed: [Migration]
    /// The due steps; nil if unknown.
    public internal(set) var steps: StepsPreview?
  }

  private let request: UpgradeRequest
  private let context: OperationContext
  private let now: Timestamp

  /// Nothing happens before `preview` or `run`.
  public init(_ request: UpgradeRequest, in context: OperationContext) {
    self.request = request
    self.context = context
    now = context.now()
  }

  /// What `run` would do; read-only.
  public func preview(_ folder: ConfinedFolder) async throws -> Report {
    let state = try folder.recordedState()
    let upgrade = try plan(folder, state)
    let steps = try await DeploymentSteps(of: upgrade.deployment, in: folder, context)
      .preview(state: state, after: upgrade.folderPlan)
    return Report(upgrade: upgrade, unallowed: try upgrade.unallowed(request, state: state), steps: steps)
  }

  /// Everything is checked before the first write.
  ///
  /// - Parameter tell: Called once, when the files are in place and before the first step, with the due steps, or nil
  ///   if no engine can be asked.
  /// - Returns: The changes and the steps that ran; nil for these if none could run.
  @discardableResult
  public func run(_ folder: ConfinedFolder, tell: (Report) throws -> Void = { _ in }) async throws -> Report {
    let session = try DeploymentSession(writing: "dioptra upgrade", in: folder, now: now)
    let state = session.state
    let first = try plan(folder, state)
    let steps = try await DeploymentSteps(of: first.deployment, in: folder, context)
    var report = Report(upgrade: first, unallowed: [])
    try await state.recording(context.caller) { record in
      var upgrade = first
      if !first.isNothingToDo, first.folderPlan.conflicts.isEmpty {
        try first.requireAllowance(request, state: state)
        try await steps.check(state: state, after: first.folderPlan)
        if first.changesSecrets {
          try state.rename(first.migrations, now: now)
          try state.generate(first.newSecrets, now: now)
          upgrade = try plan(folder, state)
        }
      }
      if !first.isNothingToDo { try context.apply(upgrade.folderPlan, to: state, record, now: now) }
      report = Report(upgrade: upgrade, unallowed: [])
      _ = try await DeploymentSteps(of: upgrade.deployment, in: folder, context).run(record, state: state) { plan in
        report.steps = plan.map { StepsPreview(plan: $0, withoutEngine: nil) }
        try tell(report)
      }
    }
    return report
  }

  private func plan(_ folder: ConfinedFolder, _ state: State) throws -> Upgrade {
    try Upgrade(
      of: folder, state: state, registry: context.registry, file: folder.configurationFile(), request: request)
  }
}
