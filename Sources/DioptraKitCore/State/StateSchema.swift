/// The tables of State, each change of them a migration that is applied once and never edited afterwards.
enum StateSchema {
  struct Migration {
    let id: String
    let statements: String
  }

  /// Marks the file as ours: the characters "DKit".
  static let applicationID = 0x444B_6974

  static let migrations = [
    Migration(
      id: "identity and secrets",
      statements: """
        CREATE TABLE deployment (
          name TEXT PRIMARY KEY,
          value TEXT NOT NULL
        ) STRICT;

        -- The only table that holds values of secrets.
        CREATE TABLE secret (
          name TEXT NOT NULL,
          version INTEGER NOT NULL CHECK (version >= 1),
          value TEXT NOT NULL,
          created_at TEXT NOT NULL,
          PRIMARY KEY (name, version)
        ) STRICT, WITHOUT ROWID;
        """)
  ]

  /// Brings a database up to this program's tables.
  ///
  /// - Throws: `DioptraError` for a database of another program or of a newer version.
  static func prepare(_ database: Database) throws {
    let version = try check(database)
    guard version < migrations.count else { return }
    try database.transaction {
      for migration in migrations[version...] { try database.execute(migration.statements) }
      try database.execute("PRAGMA application_id = \(applicationID); PRAGMA user_version = \(migrations.count)")
    }
  }

  /// The number of migrations that the database has seen.
  @discardableResult
  static func check(_ database: Database) throws -> Int {
    let application = try database.rows("PRAGMA application_id").first?.integer(0) ?? 0
    let version = try database.rows("PRAGMA user_version").first?.integer(0) ?? 0
    let tables = try database.rows("SELECT count(*) FROM sqlite_schema").first?.integer(0) ?? 0
    guard application == applicationID || (application == 0 && tables == 0) else {
      throw DioptraError(
        "\(database.path) belongs to another program", remedy: "Move it away, or choose another folder")
    }
    guard version <= migrations.count else {
      throw DioptraError(
        "\(database.path) was written by a newer dioptra", remedy: "Update dioptra to that version or a newer one")
    }
    return version
  }
}
