package import DioptraModel
internal import DioptraSystem

extension State {
  /// What is expected on disk at one path, by digest, which keeps thousands of them small.
  package struct FileRecord: Equatable {
    package let path: String
    package let component: ComponentID
    /// The digest of the stored text and the permissions; nil if there should be no file.
    package let recorded: (digest: String, mode: UInt32)?
    package let rendered: (digest: String, mode: UInt32)

    package static func == (left: Self, right: Self) -> Bool {
      left.path == right.path && left.component == right.component && left.recorded?.digest == right.recorded?.digest
        && left.recorded?.mode == right.recorded?.mode && left.rendered == right.rendered
    }
  }

  /// The files of the newest generation in place, sorted by the bytes of their paths, and its `dioptra.yaml`.
  package func appliedRecords() throws -> (generation: Int, configuration: String, files: [FileRecord])? {
    let newest: (id: Int, configuration: String)? = try database.first(
      """
      SELECT id, body FROM generation JOIN content ON digest = configuration
      WHERE applied_at IS NOT NULL ORDER BY id DESC LIMIT 1
      """
    ) { (try $0["id"], try $0["body"]) }
    guard let newest else { return nil }
    let files = try database.all(
      """
      SELECT path, component, rendered, rendered_mode, recorded, recorded_mode FROM file
      WHERE generation = ? ORDER BY path
      """, [.integer(newest.id)]
    ) { row in
      let recorded: String? = try row["recorded"]
      return FileRecord(
        path: try row["path"], component: try row["component"],
        recorded: try recorded.map { ($0, try row["recorded_mode"]) },
        rendered: (try row["rendered"], try row["rendered_mode"]))
    }
    return (newest.id, newest.configuration, files)
  }

  /// The progress of applies: the newest planned generation, and the newest in place.
  package struct Progress: Equatable {
    package let planned: Int
    package let applied: Int

    package var isUnfinished: Bool { planned > applied }
  }

  package func progress() throws -> Progress {
    let progress = try database.first(
      """
      SELECT coalesce(max(id), 0) AS planned, coalesce(max(id) FILTER (WHERE applied_at IS NOT NULL), 0) AS applied
      FROM generation
      """
    ) { Progress(planned: try $0["planned"], applied: try $0["applied"]) }
    return progress ?? Progress(planned: 0, applied: 0)
  }

  /// A text by its digest.
  package func storedText(_ digest: String) throws -> StoredText {
    guard let body: String = try database.value("SELECT body FROM content WHERE digest = ?", [.text(digest)]) else {
      throw DioptraError(
        .stateIncomplete, "\(database.path) lacks the content of a file", remedy: "Restore it from a backup")
    }
    return StoredText(body)
  }
}

extension State.FileRecord {
  /// The record of a file whose generation was read completely.
  package init(_ path: String, _ file: State.GenerationFile) {
    func entry(_ version: FileVersion) -> (String, UInt32) {
      (Digest(of: version.text.characters).hexadecimal, version.mode)
    }
    self.init(path: path, component: file.component, recorded: file.recorded.map(entry), rendered: entry(file.rendered))
  }
}

extension State.GenerationFile {
  /// An accepted file of the user's own, which no component contributes.
  package static func own(_ recorded: FileVersion, near component: ComponentID) -> Self {
    Self(component: component, rendered: FileVersion(text: .nothing, mode: 0), recorded: recorded)
  }

  /// Whether the file is the user's own and was accepted.
  package var isOwn: Bool { rendered.text == .nothing }
}
