internal import DioptraModel
internal import DioptraSystem

extension State {
  /// A row of a table for export: without its secret columns, and with secrets in texts masked.
  package struct ExportedRow {
    package enum Value {
      case none
      case integer(Int)
      case text(String)
    }

    package let table: String
    package let cells: [(column: String, value: Value)]
  }

  /// The exported tables in order, with their public columns.
  private static let exportedTables: [(name: String, columns: [String], order: String)] = [
    ("deployment", ["name", "value"], "name"),
    ("secret", ["name", "version", "created_at"], "name, version"),
    ("run", ["id", "command", "version", "user", "host", "started_at", "finished_at", "outcome"], "id"),
    (
      "step",
      [
        "run", "id", "component", "title", "engine", "inputs", "volumes", "started_at", "finished_at", "duration",
        "outcome", "output",
      ], "run, id"
    ),
    (
      "generation",
      ["id", "run", "template_version", "release", "migrations", "components", "configuration", "applied_at"], "id"
    ),
    (
      "file",
      ["generation", "path", "component", "rendered", "rendered_mode", "recorded", "recorded_mode", "origins"],
      "generation, path"
    ),
    // Not `expected`: the digest of a user's bytes in a private file could be used to guess them.
    ("change", ["generation", "path", "content", "mode"], "generation, path"),
    ("migration", ["id", "generation", "applied_at"], "generation, id"),
    ("backup", ["run", "path", "digest", "bytes", "encrypted", "finished_at"], "run"),
    ("claim", ["engine", "volume", "run", "created_at"], "engine, volume"),
    ("content", ["digest", "body"], "digest"),
    ("origin", ["digest", "body"], "digest"),
    ("output", ["digest", "body"], "digest"),
    ("event", ["id", "at", "kind", "body", "previous", "digest"], "id"),
  ]

  /// Passes on all rows, as of one moment. The key of the chain never leaves State.
  package func export(_ body: (ExportedRow) throws -> Void) throws {
    try database.snapshot {
      for table in Self.exportedTables {
        let columns = table.columns.joined(separator: ", ")
        let condition = table.name == "deployment" ? "WHERE name <> '\(Self.chainKeyName)'" : ""
        try database.forEach("SELECT \(columns) FROM \(table.name) \(condition) ORDER BY \(table.order)") { row in
          let cells = try table.columns.enumerated().map { index, column in
            (column, ExportedRow.Value(try row.value(at: Int32(index))))
          }
          try body(ExportedRow(table: table.name, cells: cells))
        }
      }
    }
  }
}

extension State.ExportedRow.Value {
  fileprivate init(_ value: SQLValue) {
    switch value {
    case .integer(let number): self = .integer(number)
    case .text(let text): self = .text(text)
    case .null, .blob: self = .none
    }
  }
}
