internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
public import DioptraState
public import DioptraSystem

/// The files of a deployment in which both versions of a conflict stand between marker lines, for a person to choose.
public struct FolderMarkers {
  struct File: Equatable {
    let path: String
    let component: ComponentID
  }

  private let found: [File]

  /// In the order of their paths.
  public var paths: [String] { found.map(\.path) }

  var files: [(path: String, component: ComponentID)] { found.map { ($0.path, $0.component) } }

  /// Looks at the files that were put in place last; nothing where nothing was.
  public init(in folder: ConfinedFolder, state: State) throws {
    let recording = try state.newestGeneration() == nil ? nil : Recording(state, in: folder)
    try self.init(in: folder, recording)
  }

  init(in folder: ConfinedFolder, _ recording: Recording?) throws {
    guard let recording else {
      found = []
      return
    }
    found = try recording.files.compactMap { record in
      // A version that dioptra wrote with markers is none that was rendered.
      guard let recorded = record.recorded, recorded.digest != record.rendered.digest,
        case .file(let bytes, _)? = try? folder.actual(record.path), ConflictMarkers.stand(in: bytes)
      else { return nil }
      let rendered = try recording.file(record).rendered.text.characters
      return ConflictMarkers.stand(in: Array(rendered.utf8))
        ? nil : File(path: record.path, component: record.component)
    }
  }

  /// - Throws: `DioptraError` while a file that Compose reads has both versions: nothing can be started from it.
  public func requireReadable() throws(DioptraError) {
    let unreadable = paths.filter { Self.isComposes($0) }
    guard let first = unreadable.first else { return }
    throw DioptraError(
      .conflictMarkers,
      "\(unreadable.map(\.shownPath).joined(separator: ", ")) \(unreadable.count == 1 ? "has" : "have") conflict markers, "
        + "which Docker Compose cannot read",
      remedy: "Choose between the lines of <<<<<<< and >>>>>>> in \(edit: first)",
      "Take dioptra's version: \(dioptra: "init", "--render-only", "--resolve", "\(first)=theirs")")
  }

  /// The command that takes dioptra's version of a file.
  static func command(takingOwn path: String) -> [String] { ["dioptra", "init", "--resolve", "\(path)=theirs"] }

  private static func isComposes(_ path: String) -> Bool {
    path == Setting.file || path.hasPrefix("envs/")
      || (!path.contains("/") && [".yml", ".yaml"].contains { path.hasSuffix($0) })
  }
}
