public import DioptraModel
public import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// Applies a deployment's configuration to its folder, then initialises it on the engine.
public struct InitOperation {
  /// The operation's parameters.
  public struct Request {
    /// The deployment's folder, existing or new.
    public var target: InitTarget
    /// The configuration with all choices.
    public var file: ConfigurationFile
    /// What to do with a folder that is a copy of another deployment's.
    public var identity: CopiedFolder
    /// How to resolve every conflict.
    public var choice: ConflictChoice
    /// How to resolve the conflict at one path.
    public var resolutions: [String: Resolution]
    /// Whether to write files without running steps.
    public var rendersOnly: Bool

    /// By default, conflicts stop the operation, and the due steps run.
    public init(
      _ target: InitTarget, _ file: ConfigurationFile, identity: CopiedFolder = .undecided,
      choice: ConflictChoice = .stop, resolutions: [String: Resolution] = [:], rendersOnly: Bool = false
    ) {
      self.target = target
      self.file = file
      self.identity = identity
      self.choice = choice
      self.resolutions = resolutions
      self.rendersOnly = rendersOnly
    }
  }

  /// The changes, made or planned.
  public struct Report {
    /// Absolute path.
    public let folder: String
    /// Whether there was no deployment yet. A folder with only a `dioptra.yaml` already counts as one.
    public let isNew: Bool
    /// The deployment as the requested configuration describes it.
    public let deployment: Deployment
    /// nil for a folder that does not exist yet.
    public let folderPlan: FolderPlan?
    /// The due steps; nil if unknown.
    public internal(set) var steps: StepsPreview?
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

  private var target: InitTarget { request.target }

  /// What `run` would do; read-only.
  public func preview() async throws -> Report {
    guard target.kind != .empty else {
      let deployment = try plan(Identity.unnamed, in: target.folder)
      return Report(folder: target.folder, isNew: true, deployment: deployment, folderPlan: nil)
    }
    let folder = try ConfinedFolder(path: target.folder)
    let state = try State(readingIn: folder)
    try request.identity.check(state, in: folder)
    let deployment = try plan(try state?.deployment ?? Identity.unnamed, in: folder.path, state)
    let known = try state?.secretValues() ?? SecretValues([:])
    let secrets = known.completed(for: deployment.blueprint.secrets.map(\.value))
    let folderPlan = try folderPlan(folder, deployment, state, secrets)
    var report = Report(folder: target.folder, isNew: false, deployment: deployment, folderPlan: folderPlan)
    guard !request.rendersOnly else { return report }
    report.steps = try await DeploymentSteps(of: deployment, in: folder, context).preview(
      state: state, after: folderPlan)
    return report
  }

  /// Everything is checked before the first write.
  ///
  /// - Parameter tell: Called once, when the files are in place and before the first step, with the due steps, or nil
  ///   if no engine can be asked.
  /// - Returns: The steps that ran; nil if none could run.
  public func run(tell: (Report) throws -> Void = { _ in }) async throws -> InitPlan? {
    let name = Identity.newName()
    // Not even a new folder is created for an invalid deployment.
    let fresh = target.kind == .deployment ? nil : try plan(name, in: target.folder)
    try DeploymentFolder.make(target.folder)
    let folder = try ConfinedFolder(path: target.folder)
    let session = try await DeploymentSession(beginning: "dioptra init", in: folder, now: now) { place in
      try target.checkAgain(folder)
      return try place.state(
        orNew: name, choices: target.kind == .empty ? request.file.text : nil,
        secrets: fresh?.blueprint.secrets.map(\.value) ?? [], now: now)
    }
    let state = session.state
    try request.identity.settle(
      state, in: folder, now: now,
      secrets: { try plan(name, in: folder.path, state).blueprint.secrets.map(\.value) })
    let known = try state.deployment
    let deployment = if let fresh, known == name { fresh } else { try plan(known, in: folder.path, state) }
    try state.generate(deployment.blueprint.secrets.map(\.value), now: now)
    let folderPlan = try folderPlan(folder, deployment, state, try state.secretValues())
    return try await state.recording(context.caller) { record in
      if !folderPlan.isNothingToDo { try context.apply(folderPlan, to: state, record, now: now) }
      let report = Report(
        folder: target.folder, isNew: target.kind == .empty, deployment: deployment, folderPlan: folderPlan)
      guard !request.rendersOnly else {
        try tell(report)
        return nil
      }
      let steps = try await DeploymentSteps(of: deployment, in: folder, context)
      return try await steps.run(record, state: state) { plan in
        var report = report
        report.steps = plan.map { StepsPreview(plan: $0, withoutEngine: nil) }
        try tell(report)
      }
    }
  }

  private func plan(_ name: String, in folder: String, _ state: State? = nil) throws -> Deployment {
    try Deployment(
      registry: context.registry, file: request.file, identity: Identity(deployment: name, folder: folder),
      secretVersions: try state?.secretVersions() ?? [:])
  }

  private func folderPlan(
    _ folder: ConfinedFolder, _ deployment: Deployment, _ state: State?, _ secrets: SecretValues
  ) throws -> FolderPlan {
    try state?.requireUpToDate(context.registry, for: deployment.configuration)
    let folderPlan = try FolderPlan(
      of: folder,
      to: FolderTarget(deployment, of: context.registry, configuration: request.file.text), state: state,
      secrets: secrets,
      adopted: state == nil || target.kind == .configurationOnly
        ? context.committedTree(in: folder, request.file) : nil,
      choice: request.choice, resolutions: request.resolutions)
    try folderPlan.check(startedFrom: target.before)
    return folderPlan
  }
}
