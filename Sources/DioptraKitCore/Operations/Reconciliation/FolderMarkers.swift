package import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
package import DioptraState
package import DioptraSystem

/// The deployment's files with unresolved conflict markers.
package struct FolderMarkers {
  struct File: Equatable {
    let path: String
    let component: ComponentID
  }

  private let found: [File]

  /// Sorted by path.
  package var paths: [String] { found.map(\.path) }

  var files: [(path: String, component: ComponentID)] { found.map { ($0.path, $0.component) } }

  /// Checks the files that were last put in place; empty if there are none.
  package init(in folder: ConfinedFolder, state: State) throws {
    let expected = try state.newestGeneration() == nil ? nil : ExpectedFiles(state, in: folder)
    try self.init(in: folder, expected)
  }

  init(in folder: ConfinedFolder, _ expected: ExpectedFiles?) throws {
    guard let expected else {
      found = []
      return
    }
    found = try expected.files.compactMap { record in
      // A version that dioptra wrote with markers differs from the rendered one.
      guard let recorded = record.recorded, recorded.digest != record.rendered.digest,
        case .file(let bytes, _)? = try? folder.actual(record.path), ConflictMarkers.stand(in: bytes)
      else { return nil }
      let rendered = try expected.file(record).rendered.text.characters
      return ConflictMarkers.stand(in: Array(rendered.utf8))
        ? nil : File(path: record.path, component: record.component)
    }
  }

  /// - Throws: `DioptraError` while a file that the platform reads has both versions: nothing can be started from it.
  package func requireReadable(by dialect: any PlatformDialect) throws(DioptraError) {
    let unreadable = paths.filter { dialect.reads($0) }
    guard let first = unreadable.first else { return }
    throw DioptraError(
      .conflictMarkers,
      "\(unreadable.map(\.shownPath).joined(separator: ", ")) \(unreadable.count == 1 ? "has" : "have") conflict markers, "
        + "which \(dialect.words.fullName) cannot read",
      remedy: "Choose between the lines of <<<<<<< and >>>>>>> in \(edit: first)",
      "Take dioptra's version: \(dioptra: "init", "--render-only", "--resolve", "\(first)=theirs")")
  }

  /// The command that takes dioptra's version of a file.
  static func command(takingOwn path: String) -> [String] { ["dioptra", "init", "--resolve", "\(path)=theirs"] }
}
