internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
package import DioptraState
package import DioptraSystem

extension FolderPlan {
  /// Applies the plan. The holder of the lock calls this.
  ///
  /// - Parameter run: The run that the changes are part of; asked for right before they begin.
  /// - Returns: Why old kept files could not be pruned, which is not an error; otherwise nil.
  /// - Throws: `DioptraError` with exit code 3 if there are unresolved conflicts; only `.dioptra/conflicts` has changed
  ///   then.
  @discardableResult
  package func apply(to state: State, run: @autoclosure () throws -> Int, now: Timestamp) throws -> DioptraError? {
    guard conflicts.isEmpty else {
      _ = try run()
      try writeConflicts()
      throw conflictError
    }
    let changes = changes
    let generation = try state.transaction {
      try state.plan(
        files.mapValues { try withoutForeignSecrets($0, state, now) },
        changes.map { try withoutForeignSecrets($0, state, now) }, from: target.files.compactMapValues(\.text),
        run: run(), version: target.version, applying: target.migrations.map(\.id), configuration: target.configuration,
        now: now)
    }
    try write(changes, generation: generation)
    try state.markApplied(generation, now: now)
    return KeptFiles(in: folder).sweep(state, now: now)
  }

  private func write(_ changes: [State.Change], generation: Int) throws {
    try folder.removeTree(Self.conflictsFolder)
    // Temporary files of processes that were killed.
    for path in Set(unfinished.flatMap(\.files.keys)).union([ConfigurationFile.name]) { folder.discardStaged(path) }
    let staged = StagedChanges(
      changes, of: generation, in: folder, secrets: secrets, found: sides.mapValues(\.actual),
      known: sides.compactMapValues(\.base?.text))
    try staged.write()
  }

  // MARK: Users' secrets

  /// In a file with secrets the user's own lines may contain one, too: they are stored like secrets.
  private func withoutForeignSecrets(
    _ file: State.GenerationFile, _ state: State, _ now: Timestamp
  ) throws -> State.GenerationFile {
    guard !file.isOwn, let recorded = file.recorded, file.rendered.mode & 0o077 == 0,
      recorded.text != file.rendered.text
    else {
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
