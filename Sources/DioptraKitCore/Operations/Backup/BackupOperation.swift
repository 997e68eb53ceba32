internal import DioptraModel
internal import DioptraPlatform
public import DioptraRendering
internal import DioptraState
public import DioptraSystem

/// Creates a backup of a deployment.
public struct BackupOperation {
  private let folder: ConfinedFolder
  private let withoutData: Bool
  private let context: OperationContext

  /// - Parameter withoutData: Whether databases, objects and other volumes are left out, so that no engine is needed.
  public init(of folder: ConfinedFolder, withoutData: Bool, in context: OperationContext) {
    self.folder = folder
    self.withoutData = withoutData
    self.context = context
  }

  /// - Parameters:
  /// - passphrase: The passphrase for the file; nil for an unencrypted one.
  /// - path: Returns the absolute path of the new file.
  public func run(
    passphrase: String?, to path: (Deployment, ConfinedFolder, Timestamp) -> String
  ) async throws -> BackupCreation.Result {
    let now = context.now()
    let session = try ConfiguredSession(
      writing: "dioptra backup", in: folder, context,
      allowing: withoutData ? [.unrecorded, .inCopy] : .unrecorded)
    return try await session.state.recording(context.caller.keepingBackup, orElse: context.observer.notRecorded) {
      record in
      let creation = try BackupCreation(
        of: session.deployment, configuration: session.view.file.text, in: folder,
        on: withoutData ? nil : try await engine(session), mayStart: session.state.isRendered(by: context.registry),
        to: path(session.deployment, folder, now), by: context.caller.version)
      return try await creation.run(state: session.state, record: record, passphrase: passphrase, now: now) { part in
        context.observer.completed(part)
      }
    }
  }

  private func engine(_ session: ConfiguredSession) async throws -> any Engine {
    do {
      return try await session.engine()
    } catch let error as DioptraError {
      throw error.with(remedies: error.remedies + ["Leave the data out with --without-data"])
    }
  }
}
