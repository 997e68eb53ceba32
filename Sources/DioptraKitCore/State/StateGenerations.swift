package import DioptraModel
package import DioptraSystem

extension State {
  /// One state that the folder was brought to, or was to be brought to.
  package struct Generation: Equatable {
    package let id: Int
    package let isApplied: Bool
    package let version: GenerationVersion
    /// The characters of `dioptra.yaml`.
    package let configuration: String
    package let files: [String: GenerationFile]
  }

  /// A file of a generation: what the components said, and what is expected on disk.
  package struct GenerationFile: Equatable {
    package let component: ComponentID
    package let rendered: FileVersion
    /// nil for a file that the user deleted.
    package let recorded: FileVersion?

    package init(component: ComponentID, rendered: FileVersion, recorded: FileVersion?) {
      self.component = component
      self.rendered = rendered
      self.recorded = recorded
    }
  }

  /// What the apply of a generation does at one path.
  package struct Change: Equatable {
    package let path: String
    /// The digest of the bytes that are replaced; nil when nothing is there.
    package let expected: Digest?
    /// nil when the file is removed.
    package let result: FileVersion?

    package init(path: String, expected: Digest?, result: FileVersion?) {
      self.path = path
      self.expected = expected
      self.result = result
    }
  }

  /// The number of the newest generation whose files are in place.
  public func newestGeneration() throws -> Int? {
    try database.rows("SELECT max(id) FROM generation WHERE applied_at IS NOT NULL").first?.integer(0)
  }

  /// The newest generation whose files are in place.
  package func appliedGeneration() throws -> Generation? {
    try generation(where: "applied_at IS NOT NULL")
  }

  /// The characters of `dioptra.yaml` that the newest generation in place was made from; nil where none is.
  public var recordedConfiguration: String? {
    get throws { try appliedRecords()?.configuration }
  }

  /// What the newest generation in place was made by.
  package func appliedVersion() throws -> GenerationVersion? {
    try database.rows(
      """
      SELECT template_version, release, migrations FROM generation
      WHERE applied_at IS NOT NULL ORDER BY id DESC LIMIT 1
      """
    ).first.map { GenerationVersion($0, at: 0) }
  }

  /// The generations after the applied one whose apply did not end, the oldest first.
  package func unfinishedGenerations() throws -> [Generation] {
    try database.rows(
      """
      SELECT id FROM generation
      WHERE id > (SELECT coalesce(max(id), 0) FROM generation WHERE applied_at IS NOT NULL) ORDER BY id
      """
    ).compactMap { try generation(where: "id = \($0.integer(0) ?? 0)") }
  }

  /// When each generation was planned: RFC 3339, UTC.
  package func generationMoments() throws -> [Int: String] {
    let rows = try database.rows("SELECT generation.id, started_at FROM generation JOIN run ON run.id = run")
    return Dictionary(uniqueKeysWithValues: rows.map { ($0.integer(0) ?? 0, $0.text(1) ?? "") })
  }

  /// A generation, whether its files got in place or not; nil when there is none of that number.
  package func generation(_ id: Int) throws -> Generation? {
    try generation(where: "id = \(id)")
  }

  /// The generation that one was planned on: the newest before it whose files were in place.
  package func generation(before id: Int) throws -> Generation? {
    try generation(where: "id < \(id) AND applied_at IS NOT NULL")
  }

  private func generation(where condition: String) throws -> Generation? {
    let query =
      "SELECT id, applied_at, body, template_version, release, migrations FROM generation JOIN content ON digest = configuration WHERE \(condition) ORDER BY id DESC LIMIT 1"
    guard let row = try database.rows(query).first, let id = row.integer(0) else { return nil }
    let files = try database.rows(
      """
      SELECT path, component, rendered, rendered_mode, recorded, recorded_mode, a.body, b.body
      FROM file JOIN content a ON a.digest = rendered
        LEFT JOIN content b ON b.digest = recorded AND recorded <> rendered
      WHERE generation = ?
      """, [.integer(Int64(id))])
    return Generation(
      id: id, isApplied: row.text(1) != nil, version: GenerationVersion(row, at: 3), configuration: row.text(2) ?? "",
      files: Dictionary(
        uniqueKeysWithValues: files.map { file in
          let rendered = StoredText(file.text(6) ?? "")
          let recorded = file.text(4) == file.text(2) ? rendered : file.text(7).map { StoredText($0) }
          return (
            file.text(0) ?? "",
            GenerationFile(
              component: ComponentID(file.text(1) ?? ""),
              rendered: FileVersion(text: rendered, mode: UInt32(file.integer(3) ?? 0)),
              recorded: recorded.map { FileVersion(text: $0, mode: UInt32(file.integer(5) ?? 0)) })
          )
        }))
  }

  /// The migrations of generations whose files are in place, each with the run that brought it, the oldest first.
  package func appliedMigrations() throws -> [(id: MigrationID, run: Int)] {
    try database.rows(
      """
      SELECT migration.id, generation.run FROM migration JOIN generation ON generation.id = generation
      WHERE generation.applied_at IS NOT NULL ORDER BY generation.id
      """
    ).map { (MigrationID($0.text(0) ?? ""), $0.integer(1) ?? 0) }
  }

  /// The paths that an apply touches.
  package func changes(of generation: Int) throws -> [Change] {
    try database.rows(
      """
      SELECT path, expected, body, mode FROM change LEFT JOIN content ON digest = content
      WHERE generation = ? ORDER BY path
      """, [.integer(Int64(generation))]
    ).map { row in
      Change(
        path: row.text(0) ?? "", expected: row.text(1).map { Digest(hexadecimal: $0) },
        result: row.text(2).map { FileVersion(text: StoredText($0), mode: UInt32(row.integer(3) ?? 0)) })
    }
  }

  /// Commits a plan: from here on the deployment has these contents, whatever happens to the process.
  ///
  /// - Parameter applying: The migrations that bring the deployment to its version, and that it has not run yet.
  package func plan(
    _ files: [String: GenerationFile], _ changes: [Change], run: Int, version: GenerationVersion,
    applying migrations: [MigrationID] = [], configuration: String, now: Timestamp
  ) throws -> Int {
    try database.transaction {
      let abandoned = try database.rows(
        """
        SELECT max(id) FROM generation
        WHERE id > (SELECT coalesce(max(id), 0) FROM generation WHERE applied_at IS NOT NULL)
        """)
      if let id = abandoned.first?.integer(0) { try record(.generationAbandoned, ["generation": String(id)], at: now) }
      let id = (try database.rows("SELECT max(id) FROM generation").first?.integer(0) ?? 0) + 1
      let configurationDigest = try keep(StoredText(configuration))
      try database.rows(
        """
        INSERT INTO generation (id, run, template_version, release, migrations, configuration)
        VALUES (?, ?, ?, ?, ?, ?)
        """,
        [
          .integer(Int64(id)), .integer(Int64(run)), .integer(Int64(version.template)), .text(version.release),
          .text(version.migrations.map(\.rawValue).joined(separator: " ")), .text(configurationDigest),
        ])
      var kept: [String: (text: StoredText, digest: String)] = [:]
      for (path, file) in files.sorted(by: { $0.key < $1.key }) {
        let rendered = try keep(file.rendered.text)
        let recorded = try file.recorded.map { $0.text == file.rendered.text ? rendered : try keep($0.text) }
        if let version = file.recorded, let recorded { kept[path] = (version.text, recorded) }
        try database.rows(
          """
          INSERT INTO file (generation, path, component, rendered, rendered_mode, recorded, recorded_mode)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          """,
          [
            .integer(Int64(id)), .text(path), .text(file.component.rawValue), .text(rendered),
            .integer(Int64(file.rendered.mode)), recorded.map { .text($0) } ?? .null,
            file.recorded.map { .integer(Int64($0.mode)) } ?? .null,
          ])
      }
      for change in changes {
        // What is written is nearly always what is recorded: kept already.
        let content = try change.result.map { result in
          if let known = kept[change.path], known.text == result.text { known.digest } else { try keep(result.text) }
        }
        try database.rows(
          "INSERT INTO change (generation, path, expected, content, mode) VALUES (?, ?, ?, ?, ?)",
          [
            .integer(Int64(id)), .text(change.path), change.expected.map { .text($0.hexadecimal) } ?? .null,
            content.map { .text($0) } ?? .null,
            change.result.map { .integer(Int64($0.mode)) } ?? .null,
          ])
      }
      for migration in migrations {
        try database.rows(
          "INSERT INTO migration (id, generation, applied_at) VALUES (?, ?, ?)",
          [.text(migration.rawValue), .integer(Int64(id)), .text(now.description)])
      }
      try record(
        .generationPlanned,
        ["generation": String(id), "run": String(run), "configuration": configurationDigest],
        binding: [.generation, .files, .changes].map { Binding($0, .integer(Int64(id))) }
          + migrations.map { Binding(.migration, .integer(Int64(id)), .text($0.rawValue)) }, at: now)
      return id
    }
  }

  /// Says that the files of a planned generation are in place.
  package func markApplied(_ generation: Int, now: Timestamp) throws {
    try database.transaction {
      try database.rows(
        "UPDATE generation SET applied_at = ? WHERE id = ?", [.text(now.description), .integer(Int64(generation))])
      // From here on `dioptra.yaml` has them.
      let choices = Binding(.deployment, .text(Self.choicesName))
      let hasChoices = try digest(of: choices.facts, choices.key) != nil
      try database.rows("DELETE FROM deployment WHERE name = ?", choices.key)
      try record(
        .generationApplied, ["generation": String(generation)],
        binding: [Binding(.generationApplied, .integer(Int64(generation)))] + (hasChoices ? [choices] : []), at: now)
    }
  }

  private func keep(_ text: StoredText) throws -> String {
    let digest = Digest(of: text.characters).hexadecimal
    try database.rows(
      "INSERT OR IGNORE INTO content (digest, body) VALUES (?, ?)", [.text(digest), .text(text.characters)])
    return digest
  }
}

extension GenerationVersion {
  /// - Parameter column: Where the columns `template_version`, `release` and `migrations` begin.
  fileprivate init(_ row: SQLRow, at column: Int) {
    self.init(
      template: row.integer(column) ?? 0, release: row.text(column + 1) ?? "",
      migrations: (row.text(column + 2) ?? "").split(separator: " ").map { MigrationID(String($0)) })
  }
}
