internal import DioptraModel
internal import DioptraState
internal import DioptraSystem

/// What to do with a folder that is a copy of another.
public enum CopiedFolder: Equatable, Sendable {
  /// Undecided: a copy is refused.
  case undecided
  /// It is the deployment, moved to this folder.
  case moved
  /// It becomes a new deployment.
  case new

  func settle(_ state: State, in folder: ConfinedFolder, now: Timestamp, secrets: () throws -> [Secret]) throws {
    switch self {
    case .undecided: break
    case .moved: try state.recordPlace(of: folder, now: now)
    case .new: try state.renewIdentity(in: folder, secrets: try secrets(), now: now)
    }
    try state.settle(in: folder, now: now)
  }

  /// Refuses a copy if nothing was decided; read-only.
  func check(_ state: State?, in folder: ConfinedFolder) throws {
    guard self == .undecided, let error = try state?.copyRefusal(in: folder) else { return }
    throw error
  }
}
