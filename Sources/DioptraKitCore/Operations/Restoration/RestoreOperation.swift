internal import DioptraModel
public import DioptraPlatform
internal import DioptraState
internal import DioptraSystem

/// Restores a deployment from a backup.
public struct RestoreOperation {
  public let restoration: Restoration
  /// The engine that the data go to; nil where no data are restored.
  public let engine: (any Engine)?
  /// The volumes whose contents are overwritten, by the engine's names.
  public let volumes: [String]
  private let isOfDataOnly: Bool
  private let context: OperationContext

  /// Looks at the backup, the folder and the engine; writes nothing.
  ///
  /// - Parameters:
  ///   - path: The absolute path of a folder, or of one that is to be made.
  ///   - withoutData: Whether only the folder is restored, with State and secrets.
  ///   - onlyData: Whether only the data are restored, into the same deployment as it is.
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

  /// Restores the folder, initialises the deployment, and restores its data.
  public func run() async throws {
    let now = context.now()
    try DeploymentFolder.make(restoration.path)
    let folder = try ConfinedFolder(path: restoration.path)
    // A restoration that was interrupted is what this one finishes: it is not refused.
    let lock = try FolderLock(in: folder, command: "dioptra restore", now: now)
    defer { withExtendedLifetime(lock) {} }
    let state = try await restoration.writeFolder(folder, now: now)
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
