package import DioptraModel
package import DioptraSystem

extension State {
  /// A state that the folder has, had or was to have.
  package struct Generation: Equatable {
    package let id: Int
    package let isApplied: Bool
    package let version: GenerationVersion
    /// The characters of `dioptra.yaml`.
    package let configuration: String
    package let files: [String: GenerationFile]
  }

  /// A file of a generation: the rendered version, and what is expected on disk.
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

  /// What applying a generation does at one path.
  package struct Change: Equatable {
    package let path: String
    /// The digest of the replaced bytes; nil if there was no file.
    package let expected: Digest?
    /// nil if the file is removed.
    package let result: FileVersion?

    package init(path: String, expected: Digest?, result: FileVersion?) {
      self.path = path
      self.expected = expected
      self.result = result
    }
  }

  /// The number of the newest generation whose files are in place.
  package func newestGeneration() throws -> Int? {
    try database.value("SELECT max(id) FROM generation WHERE applied_at IS NOT NULL")
  }

  /// The newest generation whose files are in place.
  package func appliedGeneration() throws -> Generation? {
    try generation(where: "applied_at IS NOT NULL")
  }

  /// The `dioptra.yaml` that the newest generation in place was made from; nil if there is none.
  package func appliedConfiguration() throws -> String? {
    try database.value(
      """
      SELECT body FROM generation JOIN content ON digest = configuration
      WHERE applied_at IS NOT NULL ORDER BY id DESC LIMIT 1
      """)
  }

  /// The version of the newest generation in place.
  package func appliedVersion() throws -> GenerationVersion? {
    try database.first(
      """
      SELECT template_version, release, migrations, components FROM generation
      WHERE applied_at IS NOT NULL ORDER BY id DESC LIMIT 1
      """
    ) { try GenerationVersion($0) }
  }

  /// What a generation was made by; nil when there is none of that number.
  package func version(of id: Int) throws -> GenerationVersion? {
    try database.first(
      "SELECT template_version, release, migrations, components FROM generation WHERE id = ?", [.integer(id)]
    ) { try GenerationVersion($0) }
  }

  /// The later generations that were not completely applied, oldest first.
  package func unfinishedGenerations() throws -> [Generation] {
    let ids: [Int] = try database.all(
      """
      SELECT id FROM generation
      WHERE id > (SELECT coalesce(max(id), 0) FROM generation WHERE applied_at IS NOT NULL) ORDER BY id
      """
    ) { try $0["id"] }
    return try ids.compactMap { try generation($0) }
  }

  /// When each generation was planned: RFC 3339, UTC.
  package func generationMoments() throws -> [Int: String] {
    var moments: [Int: String] = [:]
    try database.forEach("SELECT generation.id AS id, started_at FROM generation JOIN run ON run.id = run") { row in
      moments[try row["id"]] = try row["started_at"]
    }
    return moments
  }

  /// A generation, whether it was applied or not; nil if there is none with that number.
  package func generation(_ id: Int) throws -> Generation? {
    try generation(where: "id = ?", [.integer(id)])
  }

  /// The generation that one was based on: the newest earlier one in place.
  package func generation(before id: Int) throws -> Generation? {
    try generation(where: "id < ? AND applied_at IS NOT NULL", [.integer(id)])
  }

  private func generation(where condition: String, _ values: [SQLValue] = []) throws -> Generation? {
    let found: (id: Int, isApplied: Bool, version: GenerationVersion, configuration: String)? = try database.first(
      """
      SELECT id, applied_at, body, template_version, release, migrations, components
      FROM generation JOIN content ON digest = configuration WHERE \(condition) ORDER BY id DESC LIMIT 1
      """, values
    ) { row in
      let appliedAt: String? = try row["applied_at"]
      return (try row["id"], appliedAt != nil, try GenerationVersion(row), try row["body"])
    }
    guard let found else { return nil }
    var files: [String: GenerationFile] = [:]
    try database.forEach(
      """
      SELECT path, component, rendered, rendered_mode, recorded, recorded_mode, a.body AS rendered_body,
        b.body AS recorded_body
      FROM file JOIN content a ON a.digest = rendered
        LEFT JOIN content b ON b.digest = recorded AND recorded <> rendered
      WHERE generation = ?
      """, [.integer(found.id)]
    ) { row in
      let digests: (rendered: String, recorded: String?) = (try row["rendered"], try row["recorded"])
      let rendered = FileVersion(text: StoredText(try row["rendered_body"]), mode: try row["rendered_mode"])
      let recorded = try digests.recorded.map { digest in
        FileVersion(
          text: digest == digests.rendered ? rendered.text : StoredText(try row["recorded_body"]),
          mode: try row["recorded_mode"])
      }
      files[try row["path"]] = GenerationFile(component: try row["component"], rendered: rendered, recorded: recorded)
    }
    return Generation(
      id: found.id, isApplied: found.isApplied, version: found.version, configuration: found.configuration, files: files
    )
  }

  /// The migrations of generations in place, each with its run, oldest first.
  package func appliedMigrations() throws -> [(id: MigrationID, run: Int)] {
    try database.all(
      """
      SELECT migration.id AS id, generation.run AS run FROM migration JOIN generation ON generation.id = generation
      WHERE generation.applied_at IS NOT NULL ORDER BY generation.id
      """
    ) { (try $0["id"], try $0["run"]) }
  }

  /// The paths that an apply changes.
  package func changes(of generation: Int) throws -> [Change] {
    try database.all(
      """
      SELECT path, expected, body, mode FROM change LEFT JOIN content ON digest = content
      WHERE generation = ? ORDER BY path
      """, [.integer(generation)]
    ) { row in
      let body: String? = try row["body"]
      return Change(
        path: try row["path"], expected: try row["expected"],
        result: try body.map { FileVersion(text: StoredText($0), mode: try row["mode"]) })
    }
  }

  /// Commits a plan: from here on the deployment has these contents, even if the process is killed.
  ///
  /// - Parameters:
  ///   - texts: The rendered texts whose origins are known. Those of others are what they were when it was the same
  ///     text.
  ///   - migrations: Those that bring the deployment to its version, and that it has not run yet.
  package func plan(
    _ files: [String: GenerationFile], _ changes: [Change], from texts: [String: Text] = [:], run: Int,
    version: GenerationVersion, applying migrations: [MigrationID] = [], configuration: String, now: Timestamp
  ) throws -> Int {
    try database.transaction {
      let progress = try progress()
      if progress.isUnfinished {
        try record(.generationAbandoned, ["generation": String(progress.planned)], at: now)
      }
      let id = progress.planned + 1
      let configurationDigest = try keep(StoredText(configuration))
      try database.run(
        """
        INSERT INTO generation (id, run, template_version, release, migrations, components, configuration)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
        [
          .integer(id), .integer(run), .integer(version.template), .text(version.release),
          .text(version.migrations.map(\.rawValue).joined(separator: " ")), SQLValue(version.componentWords),
          .text(configurationDigest),
        ])
      var kept: [String: (text: StoredText, digest: String)] = [:]
      for (path, file) in files.sorted(by: { $0.key < $1.key }) {
        let rendered = try keep(file.rendered.text)
        let recorded = try file.recorded.map { $0.text == file.rendered.text ? rendered : try keep($0.text) }
        if let version = file.recorded, let recorded { kept[path] = (version.text, recorded) }
        try database.run(
          """
          INSERT INTO file (generation, path, component, rendered, rendered_mode, recorded, recorded_mode, origins)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          """,
          [
            .integer(id), .text(path), .text(file.component.rawValue), .text(rendered),
            SQLValue(mode: file.rendered.mode), SQLValue(recorded), SQLValue(mode: file.recorded?.mode),
            try SQLValue(
              file.isOwn ? nil : texts[path].map(keepOrigins) ?? knownOrigins(of: path, rendered: rendered)),
          ])
      }
      for change in changes {
        // What is written is nearly always what is recorded, and already stored.
        let content = try change.result.map { result in
          if let known = kept[change.path], known.text == result.text { known.digest } else { try keep(result.text) }
        }
        try database.run(
          "INSERT INTO change (generation, path, expected, content, mode) VALUES (?, ?, ?, ?, ?)",
          [
            .integer(id), .text(change.path), SQLValue(change.expected?.hexadecimal), SQLValue(content),
            SQLValue(mode: change.result?.mode),
          ])
      }
      for migration in migrations {
        try database.run(
          "INSERT INTO migration (id, generation, applied_at) VALUES (?, ?, ?)",
          [.text(migration.rawValue), .integer(id), .text(now.description)])
      }
      try record(
        .generationPlanned,
        ["generation": String(id), "run": String(run), "configuration": configurationDigest],
        binding: [.generation, .files, .changes].map { Binding($0, .integer(id)) }
          + migrations.map { Binding(.migration, .integer(id), .text($0.rawValue)) }, at: now)
      return id
    }
  }

  /// Records that the files of a planned generation are in place.
  package func markApplied(_ generation: Int, now: Timestamp) throws {
    try database.transaction {
      try database.run(
        "UPDATE generation SET applied_at = ? WHERE id = ?", [.text(now.description), .integer(generation)])
      // From here on `dioptra.yaml` has the choices.
      let choices = Binding(.deployment, .text(Self.choicesName))
      let hasChoices = try digest(of: choices.facts, choices.key) != nil
      try database.run("DELETE FROM deployment WHERE name = ?", choices.key)
      try record(
        .generationApplied, ["generation": String(generation)],
        binding: [Binding(.generationApplied, .integer(generation))] + (hasChoices ? [choices] : []), at: now)
    }
  }

  private func keep(_ text: StoredText) throws -> String {
    let digest = Digest(of: text.characters).hexadecimal
    try database.run(
      "INSERT OR IGNORE INTO content (digest, body) VALUES (?, ?)", [.text(digest), .text(text.characters)])
    return digest
  }
}

extension GenerationVersion {
  /// - Parameter row: From the table `generation`.
  fileprivate init(_ row: SQLRow) throws {
    let migrations: String = try row["migrations"]
    let components: String? = try row["components"]
    self.init(
      template: try row["template_version"], release: try row["release"],
      migrations: migrations.split(separator: " ").map { MigrationID(String($0)) },
      components: Self.components(in: components ?? ""))
  }

  /// `proxy:1 tls:2`; nil for none, as of an older program.
  fileprivate var componentWords: String? {
    components.isEmpty
      ? nil : components.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }.joined(separator: " ")
  }

  /// What differs between two generations' words; nil for nothing.
  static func componentChanges(from before: String?, to after: String?) -> [ComponentChange]? {
    guard let before, let after, before != after else { return nil }
    let changes = ComponentChange.changes(from: components(in: before), to: components(in: after))
    return changes.isEmpty ? nil : changes
  }

  /// What is no version says nothing about its component; that it was altered the chain of events tells.
  private static func components(in words: String) -> [ComponentID: Int] {
    words.split(separator: " ").reduce(into: [:]) { components, word in
      let parts = word.split(separator: ":")
      if parts.count == 2, let version = Int(parts[1]) { components[ComponentID(String(parts[0]))] = version }
    }
  }
}
