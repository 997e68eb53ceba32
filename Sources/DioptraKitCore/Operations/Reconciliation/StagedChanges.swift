internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// Applies the changes of a planned generation so that each file is old or new at every moment: all temporary siblings
/// are written, synced in one batch, checked again, and renamed.
struct StagedChanges {
  private let changes: [State.Change]
  private let generation: Int
  private let folder: ConfinedFolder
  private let secrets: SecretValues
  private let found: [String: Reconciler.Actual]
  private let known: [String: StoredText]

  /// - Parameters:
  /// - generation: The generation; overwritten files are kept under its number.
  /// - found: What was at each path when the changes were planned.
  /// - known: Contents that are not the user's and need not be kept.
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

  /// - Throws: `DioptraError` if something cannot be written, or a file has changed since it was planned; temporary
  ///   siblings are removed then.
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

  /// Stops the apply if a file has changed since it was planned.
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

  /// Keeps the user's files that are overwritten.
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
  /// Whether there is something other than a file.
  fileprivate var isOther: Bool {
    if case .other = self { true } else { false }
  }
}
