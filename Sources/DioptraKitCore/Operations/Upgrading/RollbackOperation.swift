internal import DioptraState
public import DioptraSystem

/// Rolls back to an earlier generation's files and configuration.
public struct RollbackOperation {
  /// The operation's parameters.
  public struct Request: Sendable {
    /// The generation to roll back to; nil for the previous one.
    public var generation: Int?
    /// The barriers that are overridden, by their ids.
    public var allowed: Set<String>
    /// How to resolve every conflict.
    public var choice: ConflictChoice
    /// How to resolve the conflict at one path.
    public var resolutions: [String: Resolution]

    /// By default, the previous generation is restored, no barrier is overridden, and conflicts stop the rollback.
    public init(
      generation: Int? = nil, allowed: Set<String> = [], choice: ConflictChoice = .stop,
      resolutions: [String: Resolution] = [:]
    ) {
      self.generation = generation
      self.allowed = allowed
      self.choice = choice
      self.resolutions = resolutions
    }
  }

  /// The changes, made or planned.
  public struct Report {
    /// What is restored, and what blocks that.
    public let rollback: Rollback
    /// The due steps; nil if unknown, or if the files are of another version than the program renders.
    public internal(set) var steps: StepsPreview?
    /// Whether the program renders files of this version, so that it can run their steps.
    public var rendersSteps: Bool { rollback.deployment != nil }
  }

  private let request: Request
  private let context: OperationContext
  private let now: Timestamp

  /// Nothing happens before `preview` or `run`.
  public init(_ request: Request, in context: OperationContext) {
    self.request = request
    self.context = context
    now = context.now()
  }

  /// What `run` would do; read-only.
  public func preview(_ folder: ConfinedFolder) async throws -> Report {
    let state = try folder.recordedState()
    let rollback = try plan(folder, state)
    var report = Report(rollback: rollback)
    if let deployment = rollback.deployment {
      report.steps = try await DeploymentSteps(of: deployment, in: folder, context)
        .preview(state: state, after: rollback.folderPlan)
    }
    return report
  }

  /// Everything is checked before the first write.
  ///
  /// - Parameter tell: Called once, when the files are in place and before the first step.
  @discardableResult
  public func run(_ folder: ConfinedFolder, tell: (Report) throws -> Void = { _ in }) async throws -> Report {
    let session = try DeploymentSession(writing: "dioptra rollback", in: folder, now: now)
    let state = session.state
    let rollback = try plan(folder, state)
    var report = Report(rollback: rollback)
    try await state.recording(context.caller) { record in
      var steps: DeploymentSteps?
      if let deployment = rollback.deployment {
        steps = try await DeploymentSteps(of: deployment, in: folder, context)
      }
      if !rollback.isNothingToDo {
        if rollback.folderPlan.conflicts.isEmpty {
          try rollback.requireAllowance(request.allowed)
          try await steps?.check(state: state, after: rollback.folderPlan)
        }
        try context.apply(rollback.folderPlan, to: state, record, now: now)
      }
      guard let steps else { return try tell(report) }
      _ = try await steps.run(record, state: state) { plan in
        report.steps = plan.map { StepsPreview(plan: $0, withoutEngine: nil) }
        try tell(report)
      }
    }
    return report
  }

  private func plan(_ folder: ConfinedFolder, _ state: State) throws -> Rollback {
    try Rollback(
      of: folder, state: state, registry: context.registry, file: folder.configurationFile(), to: request.generation,
      choice: request.choice, resolutions: request.resolutions)
  }
}
