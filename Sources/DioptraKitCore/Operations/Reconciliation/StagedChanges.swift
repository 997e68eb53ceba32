internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// Brings the changes of a planned generation onto the disk, so that each file is old or new at every moment: all are
/// written beside their places, synced in one batch, looked at once more, and given their names.
struct StagedChanges {
  private let changes: [State.Change]
  private let generation: Int
  private let folder: ConfinedFolder
  private let secrets: SecretValues
  private let found: [String: Reconciler.Actual]
  private let known: [String: StoredText]

  /// - Parameters:
  ///   - generation: Whose changes they are; what is overwritten is kept under its number.
  ///   - found: What stood at each path when the changes were planned.
  ///   - known: Contents that are not the user's and need not be kept.
  init(
    _ changes: [State.Change], of generation: Int, in folder: ConfinedFolder, secrets: SecretValues,
    found: [String: Reconciler.Actual], known: [String: StoredText] = [:]
  ) {
    self.changes = changes
    self.generation = generation
    self.folder = folder
    self.secrets = secrets
    self.found = found
    self.known = known
  }

  /// - Throws: `DioptraError` when something cannot be written, or a file is no longer what was planned on; what was
  ///   written beside places is gone then.
  func write() throws {
    do {
      for change in changes {
        guard let result = change.result else { continue }
        let bytes = try result.text.bytes(secrets: secrets)
        let isSecret = result.mode & 0o077 == 0
        try folder.stage(change.path, bytes, mode: result.mode, folderMode: isSecret ? 0o700 : 0o755)
      }
      for change in changes { try keepOverwritten(change) }
      try folder.sync()
      for change in changes {
        try check(change)
        if change.result == nil { try folder.remove(change.path) } else { try folder.publish(change.path) }
      }
      try folder.sync()
    } catch {
      for change in changes { folder.discardStaged(change.path) }
      throw error
    }
  }

  /// A file that is no longer what was planned on stops the apply.
  private func check(_ change: State.Change) throws {
    let actual = try folder.actual(change.path)
    let isPlanned =
      switch actual {
      case .absent: change.expected == nil && found[change.path]?.isOther != true
      case .file(let bytes, _): change.expected == Digest(of: bytes)
      case .other: found[change.path] == actual
      }
    guard isPlanned else {
      throw DioptraError(
        .changedMeanwhile, "\(change.path) was changed while dioptra was at work",
        remedy: "Run the command again: it takes the change in")
    }
  }

  /// What the user wrote and a choice overwrites is kept.
  private func keepOverwritten(_ change: State.Change) throws {
    guard let actual = found[change.path] else { return }
    if case .file(let bytes, _) = actual {
      if let text = known[change.path], try text.bytes(secrets: secrets) == bytes { return }
      if let result = change.result, try result.text.bytes(secrets: secrets) == bytes { return }
    }
    try KeptFiles(in: folder).keep(actual, of: change.path, generation: generation)
  }
}

extension Reconciler.Actual {
  /// Whether something else than a file stands there.
  fileprivate var isOther: Bool {
    if case .other = self { true } else { false }
  }
}
