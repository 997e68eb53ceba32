internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// What the disk of a deployment is expected to hold.
struct ExpectedFiles {
  /// The characters of `dioptra.yaml` that the files were rendered from.
  let configuration: String
  /// Sorted by the bytes of their paths.
  let files: [State.FileRecord]
  /// The progress of applies. A file that an unfinished one has put in place is expected as it left it.
  let progress: State.Progress
  /// Whether an apply was interrupted.
  var isUnfinished: Bool { progress.isUnfinished }
  /// Whether any apply was completed.
  var isApplied: Bool { progress.applied > 0 }
  private let state: State
  private let whole: [String: State.GenerationFile]?

  /// - Throws: `DioptraError` if nothing is recorded yet.
  init(_ state: State, in folder: ConfinedFolder) throws {
    self.state = state
    let (progress, applied) = try state.snapshot { (try state.progress(), try state.appliedRecords()) }
    self.progress = progress
    if let applied, !progress.isUnfinished {
      configuration = applied.configuration
      files = applied.files
      whole = nil
      return
    }
    let unfinished = try state.unfinishedGenerations()
    guard let last = unfinished.last else {
      throw folder.notInitialized
    }
    let files =
      if applied == nil {
        last.files
      } else {
        try FolderPlan.bases(
          state.appliedGeneration(), unfinished, state: state, adopted: nil, in: folder, secrets: state.secretValues())
      }
    configuration = applied?.configuration ?? last.configuration
    whole = files
    self.files = files.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { State.FileRecord($0, $1) }
  }

  /// The content of a record.
  func file(_ record: State.FileRecord) throws -> State.GenerationFile {
    if let file = whole?[record.path] { return file }
    let rendered = FileVersion(text: try state.storedText(record.rendered.digest), mode: record.rendered.mode)
    let recorded = try record.recorded.map { version in
      FileVersion(
        text: version.digest == record.rendered.digest ? rendered.text : try state.storedText(version.digest),
        mode: version.mode)
    }
    return State.GenerationFile(component: record.component, rendered: rendered, recorded: recorded)
  }

  /// The component of a path without a record: that of most files in the nearest folder with any.
  func component(near path: String) -> ComponentID {
    var folder = path[...]
    while true {
      folder = folder.lastIndex(of: "/").map { folder[..<$0] } ?? ""
      let prefix = folder.isEmpty ? "" : "\(folder)/"
      var counts: [ComponentID: Int] = [:]
      for file in files where file.path.hasPrefix(prefix) && !file.path.dropFirst(prefix.count).contains("/") {
        counts[file.component, default: 0] += 1
      }
      if let most = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) { return most.key }
      if folder.isEmpty { return files.first?.component ?? "" }
    }
  }
}
