extension FolderUpdate {
  /// Writes what is to be written. The holder of the lock calls this.
  ///
  /// - Parameter run: The run that the changes are part of; asked for when they are about to begin.
  /// - Throws: `DioptraError` with exit code 3 when conflicts are undecided; nothing but `.dioptra/conflicts` has changed.
  public func apply(to state: State, run: @autoclosure () throws -> Int, now: Timestamp) throws {
    guard conflicts.isEmpty else {
      _ = try run()
      try writeConflicts()
      throw conflictError
    }
    let changes = changes
    let generation = try state.database.transaction {
      try state.plan(
        files.mapValues { try withoutForeignSecrets($0, state, now) },
        changes.map { try withoutForeignSecrets($0, state, now) }, run: run(), templateVersion: Self.templateVersion,
        release: deployment.configuration.entry("release")?.value ?? "", configuration: configuration, now: now)
    }
    try write(changes, generation: generation)
    try state.markApplied(generation, now: now)
    try KeptFiles(in: folder).removeOld(state, now: now)
  }

  private func write(_ changes: [State.Change], generation: Int) throws {
    try folder.removeTree(Self.conflictsFolder)
    // What processes left that died.
    for path in Set(unfinished.flatMap(\.files.keys)).union([ConfigurationFile.name]) { folder.discardStaged(path) }
    do {
      for change in changes {
        guard let result = change.result else { continue }
        let bytes = try result.text.bytes(secrets: secrets)
        let isSecret = result.mode & 0o077 == 0
        try folder.stage(change.path, bytes, mode: result.mode, folderMode: isSecret ? 0o700 : 0o755)
      }
      for change in changes { try keepOverwritten(change, generation: generation) }
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
      case .absent: change.expected == nil && sides[change.path]?.actual.isOther != true
      case .file(let bytes, _): change.expected == Digest(of: bytes)
      case .other: sides[change.path]?.actual == actual
      }
    guard isPlanned else {
      throw DioptraError(
        "\(change.path) was changed while dioptra was at work", remedy: "Run the command again: it takes the change in")
    }
  }

  /// What the user wrote and a choice overwrites is kept.
  private func keepOverwritten(_ change: State.Change, generation: Int) throws {
    guard let sides = sides[change.path] else { return }
    if case .file(let bytes, _) = sides.actual {
      if let base = sides.base, try base.text.bytes(secrets: secrets) == bytes { return }
      if let result = change.result, try result.text.bytes(secrets: secrets) == bytes { return }
    }
    try KeptFiles(in: folder).keep(sides.actual, of: change.path, generation: generation)
  }

  // MARK: Secrets of the user

  /// In a file that shows secrets the user's own lines may hold one too: they are kept where secrets are.
  private func withoutForeignSecrets(
    _ file: State.GenerationFile, _ state: State, _ now: Timestamp
  ) throws -> State.GenerationFile {
    guard let recorded = file.recorded, file.rendered.mode & 0o077 == 0, recorded.text != file.rendered.text else {
      return file
    }
    let text = try state.keepText(recorded.text, secrets: secrets, now: now)
    return State.GenerationFile(
      component: file.component, rendered: file.rendered, recorded: FileVersion(text: text, mode: recorded.mode))
  }

  private func withoutForeignSecrets(_ change: State.Change, _ state: State, _ now: Timestamp) throws -> State.Change {
    guard let result = change.result, let desired = sides[change.path]?.desired, desired.mode & 0o077 == 0,
      result.text != desired.text
    else { return change }
    let text = try state.keepText(result.text, secrets: secrets, now: now)
    return State.Change(
      path: change.path, expected: change.expected, result: FileVersion(text: text, mode: result.mode))
  }
}

extension Reconciler.Actual {
  /// Whether something else than a file stands there.
  fileprivate var isOther: Bool {
    if case .other = self { true } else { false }
  }
}
