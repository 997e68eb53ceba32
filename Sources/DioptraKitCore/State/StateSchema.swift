internal import DioptraModel
package import DioptraSystem

/// The tables of State, each change of them a migration that is applied once and never edited afterwards.
package enum StateSchema {
  package struct Migration {
    package let id: String
    package let statements: String
  }

  /// Marks the file as ours: the characters "DKit".
  package static let applicationID = 0x444B_6974

  package static let migrations = [
    Migration(
      id: "first tables",
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

        -- Contents of files, with placeholders where secrets stand.
        CREATE TABLE content (
          digest TEXT PRIMARY KEY,
          body TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE run (
          id INTEGER PRIMARY KEY,
          command TEXT NOT NULL,
          version TEXT NOT NULL,
          user TEXT NOT NULL,
          host TEXT NOT NULL,
          started_at TEXT NOT NULL,
          finished_at TEXT,
          outcome TEXT CHECK (outcome IN ('succeeded', 'failed', 'stopped'))
        ) STRICT;

        CREATE TABLE step (
          run INTEGER NOT NULL REFERENCES run (id),
          id TEXT NOT NULL,
          inputs TEXT NOT NULL,
          started_at TEXT NOT NULL,
          finished_at TEXT,
          outcome TEXT,
          PRIMARY KEY (run, id)
        ) STRICT, WITHOUT ROWID;

        -- A generation is planned when it is committed here and applied when its files are in place.
        CREATE TABLE generation (
          id INTEGER PRIMARY KEY,
          run INTEGER NOT NULL REFERENCES run (id),
          template_version INTEGER NOT NULL,
          release TEXT NOT NULL,
          migrations TEXT NOT NULL,
          configuration TEXT NOT NULL REFERENCES content (digest),
          applied_at TEXT
        ) STRICT;

        -- `rendered`: what the components said. `recorded`: what is expected on disk; null for a file that is not there.
        CREATE TABLE file (
          generation INTEGER NOT NULL REFERENCES generation (id),
          path TEXT NOT NULL,
          component TEXT NOT NULL,
          rendered TEXT NOT NULL REFERENCES content (digest),
          rendered_mode INTEGER NOT NULL,
          recorded TEXT REFERENCES content (digest),
          recorded_mode INTEGER,
          PRIMARY KEY (generation, path)
        ) STRICT, WITHOUT ROWID;

        -- What the apply of a generation does to the disk. `expected` is the digest of the bytes that it replaces.
        CREATE TABLE change (
          generation INTEGER NOT NULL REFERENCES generation (id),
          path TEXT NOT NULL,
          expected TEXT,
          content TEXT REFERENCES content (digest),
          mode INTEGER,
          PRIMARY KEY (generation, path)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE migration (
          id TEXT NOT NULL,
          generation INTEGER NOT NULL REFERENCES generation (id),
          applied_at TEXT NOT NULL
        ) STRICT;

        -- What happened, each entry with the digest of the one before it.
        CREATE TABLE event (
          id INTEGER PRIMARY KEY,
          at TEXT NOT NULL,
          kind TEXT NOT NULL,
          body TEXT NOT NULL,
          previous TEXT NOT NULL,
          digest TEXT NOT NULL
        ) STRICT;
        CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are final'); END;
        CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are final'); END;
        """),
    Migration(
      id: "ledger of steps",
      // Nothing wrote the first form of the table.
      statements: """
        DROP TABLE step;

        -- `inputs` and `volumes` are JSON objects: what decides whether the step is due again.
        CREATE TABLE step (
          run INTEGER NOT NULL REFERENCES run (id),
          id TEXT NOT NULL,
          component TEXT NOT NULL,
          title TEXT NOT NULL,
          engine TEXT NOT NULL,
          inputs TEXT NOT NULL,
          volumes TEXT,
          started_at TEXT NOT NULL,
          finished_at TEXT,
          -- Seconds.
          duration TEXT,
          outcome TEXT CHECK (outcome IN ('succeeded', 'failed')),
          output TEXT,
          PRIMARY KEY (run, id)
        ) STRICT, WITHOUT ROWID;

        -- What steps said, without secrets. Its digest is in the chain of events; the text itself may be thrown away.
        CREATE TABLE output (
          digest TEXT PRIMARY KEY,
          body TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """),
    Migration(
      id: "facts bound by events",
      statements: """
        -- Goes into the digests by which events bind facts, so that a digest alone is no way to guess a secret.
        INSERT INTO deployment (name, value) VALUES ('\(State.chainKeyName)', lower(hex(randomblob(32))));
        """),
    Migration(
      id: "backups and claims",
      statements: """
        -- A copy of everything in one file. `digest` is that of the file's bytes.
        CREATE TABLE backup (
          run INTEGER PRIMARY KEY REFERENCES run (id),
          path TEXT NOT NULL,
          digest TEXT NOT NULL,
          bytes INTEGER NOT NULL,
          encrypted INTEGER NOT NULL CHECK (encrypted IN (0, 1)),
          finished_at TEXT NOT NULL
        ) STRICT;

        -- A volume without our label that is this deployment's, because it was adopted with it.
        CREATE TABLE claim (
          engine TEXT NOT NULL,
          volume TEXT NOT NULL,
          run INTEGER NOT NULL REFERENCES run (id),
          -- As the engine says it; null where it tells nothing lasting.
          created_at TEXT,
          PRIMARY KEY (engine, volume)
        ) STRICT, WITHOUT ROWID;
        """),
  ]

  /// From this version on every fact that counts is bound by an event.
  static let versionOfBoundFacts = 3

  /// Brings a database up to this program's tables.
  ///
  /// - Parameters:
  ///   - folder: The deployment folder that the database lies in, and that keeps a copy of it; nil for one in memory.
  ///   - migrations: All that there are; tests give others.
  ///   - fill: Writes what a new database begins with; it appears together with the tables or not at all.
  ///   - bind: Writes into the chain what an older program left unbound.
  /// - Throws: `DioptraError` for a database of another program or of a newer version.
  package static func prepare(
    _ database: Database, in folder: ConfinedFolder?, migrations: [Migration] = migrations,
    filling fill: () throws -> Void = {}, binding bind: () throws -> Void = {}
  ) throws {
    let version = try check(database, known: migrations.count)
    guard version < migrations.count else { return }
    if version > 0, let folder { try keepCopy(of: database, in: folder, at: version) }
    try database.transaction {
      for migration in migrations[version...] { try database.execute(migration.statements) }
      try database.execute("PRAGMA application_id = \(applicationID); PRAGMA user_version = \(migrations.count)")
      if version == 0 { try fill() } else if version < versionOfBoundFacts { try bind() }
    }
  }

  /// Keeps the database as it was, for the day on which an older program needs it. Another State of the same version may
  /// have been kept before: it stays.
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
        // An earlier attempt got as far.
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

  /// The number of migrations that the database has seen.
  package static func check(_ database: Database, known: Int = migrations.count) throws -> Int {
    let application = try database.rows("PRAGMA application_id").first?.integer(0) ?? 0
    let version = try database.rows("PRAGMA user_version").first?.integer(0) ?? 0
    let tables = try database.rows("SELECT count(*) FROM sqlite_schema").first?.integer(0) ?? 0
    guard application == applicationID || (application == 0 && tables == 0) else {
      throw database.damage("belongs to another program")
    }
    guard version > 0 || (version == 0 && application == 0) else {
      throw database.damage("is damaged: version \(version) of its tables")
    }
    guard version <= known else {
      // A newer program has other tables: a number that does not fit these is no version.
      guard try !StateImage.hasTables(database, of: migrations) else {
        throw database.damage("is damaged: version \(version) of its tables")
      }
      throw DioptraError(
        "\(database.path) was written by a newer dioptra", remedy: "Update dioptra to that version or a newer one")
    }
    return version
  }
}
