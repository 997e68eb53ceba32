internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// The common part of accepting and repairing.
extension Drift {
  /// - Throws: `DioptraError` while no generation has been applied completely.
  func requireApplied() throws(DioptraError) {
    guard expected.isApplied else {
      throw DioptraError.unfinishedInit(in: folder.path)
    }
  }

  /// The record of exactly this path.
  func record(at path: String) -> State.FileRecord? {
    expected.files.first { $0.path.utf8.elementsEqual(path.utf8) }
  }

  /// Every recorded file with its content.
  func recordedFiles() throws -> [String: State.GenerationFile] {
    try Dictionary(uniqueKeysWithValues: expected.files.map { ($0.path, try expected.file($0)) })
  }

  /// Removes temporary files of processes that were killed.
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
  /// Moves whatever is at a path to the kept files, including a folder's content.
  ///
  /// For a symbolic link the target is kept, as `keep` does.
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
