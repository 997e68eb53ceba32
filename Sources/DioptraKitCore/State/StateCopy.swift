internal import DioptraModel
package import DioptraSystem

extension State {
  /// The bytes of a copy of the current State. Nothing is written: the disk may be full or read-only.
  ///
  /// - Throws: `DioptraError`, also for a damaged State.
  package func copy(in folder: ConfinedFolder) throws -> [UInt8] {
    // A copy migrated in memory would differ from the one on disk.
    let source =
      writtenVersion == StateSchema.version
      ? database : try Database(Self.file, in: folder, access: .readOnly)
    let bytes = try source.compactBytes()
    if let cause = try StateImage(bytes).fault(of: deployment, version: writtenVersion) {
      throw DioptraError(
        .stateIncomplete, "\(database.path) cannot be backed up: it \(cause)",
        remedy: "Restore it from an earlier backup")
    }
    return bytes
  }
}

/// A State of foreign origin, checked in memory before it is written anywhere.
package struct StateImage {
  private let database: Database?

  package init(_ bytes: [UInt8]) {
    database = bytes.isEmpty ? nil : try? Database(bytes: bytes, called: State.file)
  }

  /// Why it is not the State of a deployment; nil if it is.
  package func fault(of deployment: String, version: Int) throws -> String? {
    guard let database else { return "is no database" }
    guard StateSchema.migrations.indices.contains(version - 1) else { return "is of an unknown version" }
    do {
      guard try database.value("PRAGMA application_id") == StateSchema.applicationID,
        try database.value("PRAGMA user_version") == version
      else { return "is of another program or version" }
      // Reading could run a foreign view or trigger.
      guard try Self.hasTables(database, of: StateSchema.migrations[..<version]) else {
        return "has other tables than those of dioptra"
      }
      guard try StateSchema.check(database) == version else { return "is of another version" }
      guard try database.value("PRAGMA integrity_check(1)") == "ok" else { return "is damaged" }
      let id: String? = try database.value("SELECT value FROM deployment WHERE name = 'id'")
      return id == deployment ? nil : "is that of another deployment"
    } catch {
      return "is damaged"
    }
  }

  /// Whether a database has exactly the tables that some migrations create.
  static func hasTables(_ database: Database, of migrations: some Collection<StateSchema.Migration>) throws -> Bool {
    let expected = try Database(bytes: [], called: State.file)
    for migration in migrations { try expected.execute(migration.statements) }
    return try tables(of: database) == tables(of: expected)
  }

  private static func tables(of database: Database) throws -> [[String?]] {
    try database.all("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name") { row in
      [try row["type"], try row["name"], try row["tbl_name"], try row["sql"]]
    }
  }
}
