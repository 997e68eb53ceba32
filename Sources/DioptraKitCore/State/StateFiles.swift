internal import DioptraModel
package import DioptraSystem

extension State {
  /// The generation in which a file last changed.
  package struct FileChange: Equatable {
    package let generation: Int
    package let run: Int
    package let at: String
  }

  /// The newest generation that changed a path's content or permissions.
  package func lastChange(of path: String) throws -> FileChange? {
    typealias Entry = (change: FileChange, expected: [SQLValue])
    let entries: [Entry] = try database.all(
      """
      SELECT generation, run, applied_at, rendered, rendered_mode, recorded, recorded_mode
      FROM file JOIN generation ON generation.id = generation
      WHERE path = ? AND applied_at IS NOT NULL ORDER BY generation DESC
      """, [.text(path)]
    ) { row in
      (
        FileChange(generation: try row["generation"], run: try row["run"], at: try row["applied_at"]),
        [try row["rendered"], try row["rendered_mode"], try row["recorded"], try row["recorded_mode"]]
      )
    }
    return entries.prefix { $0.expected == entries[0].expected }.last?.change
  }
}

extension State {
  /// The time of the newest event.
  package var lastEvent: Timestamp? {
    get throws {
      let at: String? = try database.value("SELECT at FROM event ORDER BY id DESC LIMIT 1")
      return at.flatMap { Timestamp(rfc3339: $0) }
    }
  }

  /// Problems that SQLite finds in the database; nil if it is intact.
  package func firstFault() throws -> String? {
    let said: String? = try database.value("PRAGMA integrity_check(1)")
    return said == "ok" ? nil : said
  }
}
