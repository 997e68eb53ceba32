internal import DioptraModel
public import DioptraPlatform
internal import DioptraState
public import DioptraSystem

/// Restores a deployment from a backup.
public struct RestoreOperation {
  /// What is restored: the backup, its deployment and the plan for the folder.
  public let restoration: Restoration
  /// The engine for the data; nil if no data are restored.
  public let engine: (any Engine)?
  /// The volumes whose contents are overwritten, by the engine's names.
  public let volumes: [String]
  private let isOfDataOnly: Bool
  private let context: OperationContext

  /// Checks the backup, the folder and the engine; read-only.
  ///
  /// - Parameters:
  /// - path: The absolute path of the folder, which need not exist.
  /// - withoutData: Whether to restore only the folder, with State and secrets.
  /// - onlyData: Whether to restore only the data, into the same deployment.
  /// - Throws: `DioptraError` for a backup that cannot be restored there.
  public init(
    of backup: Backup, in path: String, withoutData: Bool, onlyData: Bool, _ context: OperationContext
  ) async throws {
    guard backup.origin.hasData || !onlyData else {
      throw DioptraError(
        .backupInvalid, "the backup holds no data", remedy: "Give one that was made without --without-data")
    }
    self.context = context
    isOfDataOnly = onlyData
    restoration = try Restoration(of: backup, registry: context.registry, in: path, onlyData: onlyData)
    engine = backup.origin.hasData && !withoutData ? try await restoration.engine(on: context.platform) : nil
    volumes = if let engine { try await restoration.overwrittenVolumes(on: engine) } else { [] }
  }

  /// Why the restoration needs leave to overwrite; nil where it overwrites nothing, or resumes what was begun.
  public var overwriteRefusal: DioptraError? {
    let plan = restoration.plan
    guard !plan.isContinued, plan.changes.contains(where: { $0.action == .overwrite }) || !volumes.isEmpty else {
      return nil
    }
    return DioptraError(
      .overwriteRefused, "\(restoration.path) is not empty: the files listed above would be overwritten",
      remedy: "Give another folder, or allow it with --overwrite")
  }

  /// How the platform's client is run, if the backup sets its own command.
  public var ownCommand: String? { restoration.ownCommand(on: context.platform) }

  /// Restores the folder, initialises the deployment, and restores its data.
  ///
  /// - Parameter overwriting: Whether files and volumes may be overwritten.
  public func run(overwriting: Bool) async throws {
    if !overwriting, let overwriteRefusal { throw overwriteRefusal }
    let now = context.now()
    try DeploymentFolder.make(restoration.path)
    let folder = try ConfinedFolder(path: restoration.path)
    // This restoration may complete an interrupted one, so that is not refused.
    let session = try await DeploymentSession(
      beginning: "dioptra restore", in: folder, now: now, allowing: .duringRestoration
    ) { try await restoration.writeFolder($0, now: now) }
    let state = session.state
    try await state.recording(context.caller) { record in
      _ = try record.begin()
      let deployment = try restoration.adapt(folder, state: state, run: record, now: now)
      if !isOfDataOnly { context.observer.completed("the folder, with configuration, secrets and State") }
      if let engine {
        _ = try await DeploymentSteps(of: deployment, in: folder, context).run(record, state: state)
        try await restoration.restoreData(folder, on: engine, secrets: try state.secretValues()) { part in
          context.observer.completed(part)
        }
      }
      if let left = try restoration.end(folder, state, now: now) { context.observer.note("\(left)") }
    }
  }
}
