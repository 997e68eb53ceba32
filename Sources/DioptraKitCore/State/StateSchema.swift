internal import DioptraModel
internal import DioptraSystem

/// Migrates the tables of State to the version that this program knows.
package enum StateSchema {
  /// A change of the tables. Its name is stored with it and never changes.
  struct Migration {
    let id: String
    let statements: String
  }

  /// Marks the file as dioptra's: the characters "DKit".
  static let applicationID = 0x444B_6974

  /// The number of migrations that this program knows, which is the version of its tables.
  package static var version: Int { migrations.count }

  /// Since this version events bind every relevant fact.
  static let versionOfBoundFacts = version(of: factsBound)
  /// Since this version runs record whether they change anything that a backup contains.
  static let versionOfRunEffects = version(of: runEffects)

  /// The version of the tables after a migration.
  private static func version(of id: String) -> Int {
    guard let index = migrations.firstIndex(where: { $0.id == id }) else { preconditionFailure("there is no \(id)") }
    return index + 1
  }

  /// Migrates a database to this program's tables.
  ///
  /// - Parameters:
  /// - folder: The deployment folder that contains the database, and keeps a copy of it; nil for one in memory.
  /// - migrations: All migrations; tests pass others.
  /// - fill: Writes the initial content of a new database, in the same transaction as the tables.
  /// - bind: Binds in the chain what an older program, with tables of the given version, left unbound.
  /// - Throws: `DioptraError` for a database of another program or of a newer version.
  static func prepare(
    _ database: Database, in folder: ConfinedFolder?, migrations: [Migration] = migrations,
    filling fill: () throws -> Void = {}, binding bind: (_ version: Int) throws -> Void = { _ in }
  ) throws {
    let version = try check(database, known: migrations)
    guard version < migrations.count else { return }
    if version > 0, let folder { try keepCopy(of: database, in: folder, at: version) }
    try database.transaction {
      for migration in migrations[version...] { try database.execute(migration.statements) }
      if hasNames(migrations[...]) { try writeNames(of: migrations, in: database) }
      try database.execute("PRAGMA application_id = \(applicationID); PRAGMA user_version = \(migrations.count)")
      if version == 0 { try fill() } else { try bind(version) }
    }
  }

  /// Keeps a copy of the database for older programs. An earlier copy of the same version is kept, too.
  private static func keepCopy(of database: Database, in folder: ConfinedFolder, at version: Int) throws {
    let copy = "\(State.file).before-\(version + 1)"
    try folder.stage(copy, [], mode: 0o600)
    do {
      try database.copy(into: String(folder.stagedPath(of: copy).dropFirst(State.folder.count + 1)))
      try folder.sync()
      let staged = folder.stagedPath(of: copy)
      var place = copy
      var number = 1
      while try !folder.move(staged, to: place) {
        // An earlier attempt got this far.
        if try folder.read(place) == folder.read(staged) {
          folder.discardStaged(copy)
          break
        }
        number += 1
        place = "\(copy).\(number)"
      }
    } catch {
      folder.discardStaged(copy)
      throw error
    }
  }

  /// The number of migrations applied to the database.
  ///
  /// - Throws: `DioptraError` if they are not the first of the known ones.
  static func check(_ database: Database, known: [Migration] = migrations) throws -> Int {
    let application: Int = try database.value("PRAGMA application_id") ?? 0
    let version: Int = try database.value("PRAGMA user_version") ?? 0
    let tables: Int = try database.value("SELECT count(*) FROM sqlite_schema") ?? 0
    guard application == applicationID || (application == 0 && tables == 0) else {
      throw database.damage("belongs to another program")
    }
    guard version > 0 || (version == 0 && application == 0) else {
      throw database.damage("is damaged: version \(version) of its tables")
    }
    guard version <= known.count else {
      // A newer program has other tables: a number that does not match these is not a version.
      guard try !StateImage.hasTables(database, of: known) else {
        throw database.damage("is damaged: version \(version) of its tables")
      }
      throw DioptraError(
        .versionUnsupported, "\(database.path) was written by a newer dioptra",
        remedy: "Update \(install: "dioptra") to that version or a newer one")
    }
    try checkNames(of: known.prefix(version), in: database)
    return version
  }

  // MARK: Names

  /// Whether tables with these migrations record their names.
  private static func hasNames(_ migrations: ArraySlice<Migration>) -> Bool {
    migrations.contains { $0.id == names }
  }

  /// Migrations that were applied before names existed are recorded with the others.
  private static func writeNames(of migrations: [Migration], in database: Database) throws {
    for (index, migration) in migrations.enumerated() {
      try database.run(
        "INSERT OR IGNORE INTO schema_migration (position, id) VALUES (?, ?)",
        [.integer(index + 1), .text(migration.id)])
    }
  }

  /// Programs built from different sources may have different migrations with the same number.
  private static func checkNames(of expected: ArraySlice<Migration>, in database: Database) throws {
    guard hasNames(expected) else { return }
    let found: [String] = try database.all("SELECT id FROM schema_migration ORDER BY position") { try $0["id"] }
    guard found != expected.map(\.id) else { return }
    let index = zip(found, expected).prefix { $0 == $1.id }.count
    let other = found.dropFirst(index).first?.quoted ?? "missing"
    let own = expected.dropFirst(index).first?.id.quoted ?? "missing"
    throw DioptraError(
      .versionUnsupported,
      "\(database.path) was written by another dioptra: change \(index + 1) of its tables is \(other), here it is \(own)",
      remedy: "Use the \(install: "dioptra") that wrote it")
  }
}
