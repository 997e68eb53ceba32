internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// A deployment's steps of initialisation on this host's engine, as part of an operation that changes its folder.
struct DeploymentSteps {
  let deployment: Deployment
  let folder: ConfinedFolder
  private let observer: any OperationObserver
  private let availability: Availability

  init(of deployment: Deployment, in folder: ConfinedFolder, _ context: OperationContext) async throws {
    self.deployment = deployment
    self.folder = folder
    observer = context.observer
    availability = try await context.platform.engine(for: deployment)
  }

  /// The steps that will be due after the folder has been changed; read-only.
  func preview(state: State?, after folderPlan: FolderPlan) async throws -> StepsPreview {
    if case .usable(let engine) = availability {
      let plan = try await Initialization(of: deployment, in: folder, on: engine).plan(state: state, after: folderPlan)
      return StepsPreview(plan: plan, withoutEngine: nil)
    }
    return StepsPreview(
      plan: try deployment.recordedPlan(in: folder, state: state, after: folderPlan), withoutEngine: noEngine)
  }

  /// Why no engine can be asked.
  private var noEngine: String {
    switch availability {
    case .notInstalled: deployment.dialect.words.engineIsMissing
    case .unusable(let error): error.problem
    case .usable: ""
    }
  }

  /// Refuses steps that must not touch the deployment's volumes, before anything is changed.
  ///
  /// - Throws: `Refusal`, also where the engine is there and of no use.
  func check(state: State, after folderPlan: FolderPlan) async throws {
    if case .unusable(let error) = availability { throw Refusal(error) }
    guard case .usable(let engine) = availability else { return }
    let initialization = Initialization(of: deployment, in: folder, on: engine)
    try await initialization.sweep()
    try await initialization.check(
      try await initialization.plan(state: state, after: folderPlan), state: state
    ) { _ in }
  }

  /// Runs the due steps.
  ///
  /// - Parameter tell: Is called once before, with what is due; nil where no engine can be asked.
  /// - Returns: What ran; nil where no engine is installed.
  /// - Throws: `DioptraError` where the engine is there and of no use, or a step fails.
  func run(_ record: RunRecord, state: State, tell: (InitPlan?) throws -> Void = { _ in }) async throws -> InitPlan? {
    switch availability {
    case .notInstalled:
      try tell(nil)
      return nil
    case .unusable(let error):
      try tell(nil)
      throw error
    case .usable(let engine):
      do {
        try FolderMarkers(in: folder, state: state).requireReadable(by: deployment.dialect)
      } catch {
        try tell(nil)
        throw error
      }
      let initialization = Initialization(of: deployment, in: folder, on: engine)
      try await initialization.sweep()
      let plan = try await initialization.plan(state: state)
      try tell(plan)
      let secrets = try state.secretsInOutput(of: deployment, in: folder)
      try await observer.following(plan) { watch in
        try await initialization.run(plan, state: state, run: record, secrets: secrets, watch: watch)
      }
      return plan
    }
  }
}

/// The steps that would be due after a change of the folder.
public struct StepsPreview: Sendable {
  /// Every step, and whether it would run.
  public let plan: InitPlan
  /// Why no engine was asked, so that the plan relies on State alone; nil if one answered.
  public let withoutEngine: String?
}
