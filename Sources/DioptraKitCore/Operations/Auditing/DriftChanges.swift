internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// What accepting and repairing have in common.
extension Drift {
  /// - Throws: `DioptraError` while no generation has been put in place as a whole.
  func requireApplied() throws(DioptraError) {
    guard recording.isApplied else {
      throw DioptraError.unfinishedInit(in: folder.path)
    }
  }

  /// The record of exactly these bytes.
  func record(at path: String) -> State.FileRecord? {
    recording.files.first { $0.path.utf8.elementsEqual(path.utf8) }
  }

  /// Every file with its contents, as recorded.
  func recordedFiles() throws -> [String: State.GenerationFile] {
    try Dictionary(uniqueKeysWithValues: recording.files.map { ($0.path, try recording.file($0)) })
  }

  /// What processes left that died.
  func discardLeftovers() throws {
    guard isUnfinished else { return }
    let paths = Set(try state.unfinishedGenerations().flatMap { Array($0.files.keys) })
    for path in paths.union([ConfigurationFile.name]) { folder.discardStaged(path) }
  }

  /// Commits a generation with the configuration of the applied one.
  func plan(
    _ files: [String: State.GenerationFile], _ changes: [State.Change], run: Int, now: Timestamp, to state: State
  ) throws -> Int {
    guard let applied = try state.appliedGeneration() else {
      throw folder.notInitialized
    }
    return try state.plan(
      files, changes, run: run, version: applied.version, configuration: applied.configuration, now: now)
  }
}

extension KeptFiles {
  /// Moves what stands at a path to where files are kept, whatever it is, with all that is in it.
  ///
  /// Of a symbolic link its target is kept, as `keep` does.
  func take(_ path: String, generation: Int) throws {
    switch try folder.entry(path) {
    case nil: return
    case .link?:
      try keep(.other(.link), of: path, generation: generation)
      try folder.remove(path)
    default: try move(path, below: String(generation))
    }
  }
}
