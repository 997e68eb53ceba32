/// The tables of State. Each change is a migration that is applied once and never edited afterwards.
extension StateSchema {
  // Names that are used elsewhere.
  static let factsBound = "facts bound by events"
  static let names = "names of these changes"
  static let runEffects = "effects of runs"
  static let componentVersions = "versions of components"

  static let migrations = [
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
      // The first form of the table was never written.
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
      id: factsBound,
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
    Migration(
      id: names,
      statements: """
        -- The changes that made these tables, in their order: what one program calls the fourth may be another's fifth.
        CREATE TABLE schema_migration (
          position INTEGER PRIMARY KEY,
          id TEXT NOT NULL UNIQUE
        ) STRICT;
        """),
    Migration(
      id: runEffects,
      // Before, it was read off the command line.
      statements: """
        -- Whether a backup that was made before has all that the deployment has after the run.
        ALTER TABLE run ADD COLUMN keeps_backup INTEGER NOT NULL DEFAULT 0 CHECK (keeps_backup IN (0, 1));
        UPDATE run SET keeps_backup = 1
        WHERE substr(command, instr(command, ' ')) || ' ' GLOB ' stop *'
          OR substr(command, instr(command, ' ')) || ' ' GLOB ' backup *';
        """),
    Migration(
      id: componentVersions,
      statements: """
        -- The versions of the components: `proxy:1 tls:2`. Null where an older program recorded the generation.
        ALTER TABLE generation ADD COLUMN components TEXT;
        """),
    Migration(
      id: "origins of files",
      statements: """
        -- Where the characters of rendered files come from, without the characters: `TextOrigins` says how it reads.
        CREATE TABLE origin (
          digest TEXT PRIMARY KEY,
          body TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        -- Of what was rendered; null where an older program did not tell, and for what no component says.
        ALTER TABLE file ADD COLUMN origins TEXT REFERENCES origin (digest);
        """),
  ]
}
