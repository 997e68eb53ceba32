internal import DioptraModel
package import DioptraState
package import DioptraSystem

/// A deployment's folder that this process may write to; others that write wait until it is released.
///
/// State is opened for writing here and nowhere else, so that no operation writes without the lock.
struct WritableFolder {
  let folder: ConfinedFolder
  private let lock: FolderLock

  /// Refuses an unfinished restoration, then takes the lock.
  ///
  /// - Parameters:
  ///   - command: What others that wait are told, such as `dioptra upgrade`.
  ///   - exceptions: What the operation may do without.
  ///   - needsState: Whether a folder without State is refused, before anything is written in it.
  /// - Throws: `DioptraError` for a folder in use or being restored.
  init(
    _ folder: ConfinedFolder, for command: String, now: Timestamp,
    allowing exceptions: DeploymentSession.Exceptions = [], needsState: Bool = false
  ) throws {
    if !exceptions.contains(.duringRestoration) { try folder.refuseUnfinishedRestoration() }
    if needsState { _ = try folder.recordedState(recovering: true) }
    self.folder = folder
    lock = try Self.lock(folder, for: command, now: now, orNone: exceptions.contains(.unrecorded))
  }

  private static func lock(
    _ folder: ConfinedFolder, for command: String, now: Timestamp, orNone isOptional: Bool
  ) throws(DioptraError) -> FolderLock {
    do {
      return try FolderLock(in: folder, command: command, now: now)
    } catch {
      guard isOptional, error.exitCode != .locked else { throw error }
      return try FolderLock(lookingInto: folder)
    }
  }

  /// Opens State for writing.
  ///
  /// - Throws: `DioptraError` if there is none.
  func state(now: Timestamp) throws -> State { try State(changingIn: folder, now: now) }

  /// Opens State for writing; makes it where there is none.
  ///
  /// - Parameters:
  ///   - deployment: The name of a State that is made.
  ///   - choices: The configuration that a first `init` is to write.
  ///   - secrets: Those that it is made with.
  func state(
    orNew deployment: String, choices: String? = nil, secrets: [Secret] = [], now: Timestamp
  ) throws -> State {
    try State(creatingIn: folder, deployment: deployment, choices: choices, secrets: secrets, now: now)
  }
}

extension ConfinedFolder {
  /// The deployment's State, opened for reading.
  ///
  /// - Parameter recovering: Whether an interrupted write to State may be rolled back, as only commands that write do.
  /// - Throws: `DioptraError` if nothing is recorded yet.
  package func recordedState(recovering: Bool = false) throws -> State {
    guard let state = try State(readingIn: self, recovering: recovering) else { throw notInitialized }
    return state
  }
}
