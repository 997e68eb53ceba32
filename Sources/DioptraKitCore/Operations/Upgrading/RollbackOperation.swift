internal import DioptraState
public import DioptraSystem

/// Goes back to an earlier generation's files and configuration.
public struct RollbackOperation {
  /// What is asked for.
  public struct Request: Sendable {
    /// The generation to go back to; the one before the present one when nil.
    public var generation: Int?
    /// The barriers that are overridden, by their ids.
    public var allowed: Set<String>
    /// What to do with every conflict.
    public var choice: ConflictChoice
    /// What to do with the conflict at one path.
    public var resolutions: [String: Resolution]

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

  /// What was changed, or would be.
  public struct Report {
    public let rollback: Rollback
    /// What is due; nil where that is not known, or the files are of another version than the program renders.
    public internal(set) var steps: StepsPreview?
    /// Whether the program renders files of this version, so that it can run their steps.
    public var rendersSteps: Bool { rollback.deployment != nil }
  }

  private let request: Request
  private let context: OperationContext
  private let now: Timestamp

  public init(_ request: Request, in context: OperationContext) {
    self.request = request
    self.context = context
    now = context.now()
  }

  /// What `run` would do; writes nothing.
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

  /// Everything that can be refused has been refused before the first write.
  ///
  /// - Parameter tell: Is called once, when the files are in place and before the first step.
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
