internal import DioptraModel
package import DioptraSystem

extension State {
  /// The generation that gave a file what it has now.
  package struct FileChange: Equatable {
    package let generation: Int
    package let run: Int
    package let at: String
  }

  /// The newest generation in which a path got other content or permissions than before.
  package func lastChange(of path: String) throws -> FileChange? {
    let rows = try database.rows(
      """
      SELECT generation, run, applied_at, rendered, rendered_mode, recorded, recorded_mode
      FROM file JOIN generation ON generation.id = generation
      WHERE path = ? AND applied_at IS NOT NULL ORDER BY generation DESC
      """, [.text(path)])
    func isSame(_ left: SQLRow, _ right: SQLRow) -> Bool { left.values[3...].elementsEqual(right.values[3...]) }
    var newest: SQLRow?
    for row in rows {
      if let known = newest, !isSame(known, row) { break }
      newest = row
    }
    return newest.map {
      FileChange(generation: $0.integer(0) ?? 0, run: $0.integer(1) ?? 0, at: $0.text(2) ?? "")
    }
  }
}

extension State {
  /// When the newest event was recorded.
  package var lastEvent: Timestamp? {
    get throws {
      let row = try database.rows("SELECT at FROM event ORDER BY id DESC LIMIT 1").first
      return row?.text(0).flatMap { Timestamp(rfc3339: $0) }
    }
  }

  /// What SQLite finds wrong with the database; nil when it is whole.
  package func firstFault() throws -> String? {
    let rows = try database.rows("PRAGMA integrity_check(1)")
    return rows.first?.text(0).flatMap { $0 == "ok" ? nil : $0 }
  }
}
