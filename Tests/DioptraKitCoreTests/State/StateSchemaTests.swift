import Foundation
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraState
@testable import DioptraSystem

/// What happens to a State of an older program when a newer one opens it.
struct StateSchemaTests {
  private let scratch: Scratch
  private let folder: ConfinedFolder
  private let now = Timestamp(seconds: 1_790_000_000)
  private let older = Array(StateSchema.migrations.prefix(1))
  private let newest = StateSchema.migrations.count

  init() throws {
    scratch = try Scratch()
    folder = try ConfinedFolder(path: scratch.path)
    try ProgramFolder.make(in: folder)
    try folder.write(State.file, [], mode: 0o600)
    let database = try open(State.file)
    try StateSchema.prepare(database, in: folder, migrations: older) {
      try database.run("INSERT INTO deployment (name, value) VALUES ('id', '00000000000000ff')")
      try database.run("INSERT INTO secret VALUES ('a', 1, 'the value', '2026-01-01T00:00:00Z')")
    }
  }

  @Test func aPrivateCopyOfTheOldStateIsKept() throws {
    let state = try State(creatingIn: folder, deployment: "0000000000000001", now: now)
    #expect(try version(of: state.database) == newest)
    #expect(try state.deployment == "00000000000000ff")
    let copy = "\(State.file).before-2"
    #expect(try folder.entry(copy) == .file(mode: 0o600))
    let old = try open(copy)
    #expect(try version(of: old) == 1)
    #expect(try old.value("SELECT value FROM secret") == "the value")
    #expect(try old.value("PRAGMA integrity_check") == "ok")
  }

  @Test func aNumberThatDoesNotFitTheTablesIsDamageAndNoNewerVersion() throws {
    _ = try State(creatingIn: folder, deployment: "0000000000000001", now: now)
    let database = try open(State.file)
    try database.execute("PRAGMA user_version = 16777220")
    let damage = #expect(throws: DioptraError.self) { try State(readingIn: folder) }
    #expect(damage?.remedy.contains("dioptra adopt") == true)
    try database.execute("CREATE TABLE later (a TEXT)")
    let newer = #expect(throws: DioptraError.self) { try State(readingIn: folder) }
    #expect(newer?.problem.hasSuffix("was written by a newer dioptra") == true)
  }

  @Test func aNewStateHasNoCopy() throws {
    let other = try Scratch()
    _ = try State(creatingIn: try ConfinedFolder(path: other.path), deployment: "00000000000000ff", now: now)
    #expect(try other.files().keys.sorted() == [".dioptra/.gitignore", ".dioptra/state.db"])
  }

  @Test func aMigrationThatFailsLeavesTheStateAsItWasAndCanBeTriedAgain() throws {
    let before = try Data(contentsOf: URL(filePath: scratch.file(State.file)))
    let broken = older + [.init(id: "broken", statements: "CREATE TABLE new (a TEXT) STRICT; DROP TABLE nowhere;")]
    for _ in 0..<2 {
      let database = try open(State.file)
      #expect(throws: DioptraError.self) { try StateSchema.prepare(database, in: folder, migrations: broken) }
      #expect(try version(of: database) == 1)
    }
    #expect(try Data(contentsOf: URL(filePath: scratch.file(State.file))) == before)
    let state = try State(creatingIn: folder, deployment: "0000000000000001", now: now)
    #expect(try version(of: state.database) == newest)
    #expect(try scratch.files().keys.filter { $0.contains("dioptra-new") } == [])
  }

  @Test func commandsThatOnlyLookLeaveAnOldStateAlone() throws {
    let before = try Data(contentsOf: URL(filePath: scratch.file(State.file)))
    let state = try #require(try State(readingIn: folder))
    #expect(try state.secretRecords().map(\.name) == ["a"])
    #expect(try state.stepRecords().isEmpty)
    #expect(try state.newestBackup() == nil)
    #expect(try Data(contentsOf: URL(filePath: scratch.file(State.file))) == before)
    #expect(try scratch.files().keys.sorted() == [".dioptra/.gitignore", ".dioptra/state.db"])
  }

  // MARK: Names

  @Test func everyMigrationIsWrittenDownByItsName() throws {
    let state = try State(creatingIn: folder, deployment: "0000000000000001", now: now)
    #expect(try names(in: state.database) == StateSchema.migrations.map(\.id))
    let other = try Scratch()
    let new = try State(creatingIn: try ConfinedFolder(path: other.path), deployment: "00000000000000ff", now: now)
    #expect(try names(in: new.database) == StateSchema.migrations.map(\.id))
    #expect(Set(StateSchema.migrations.map(\.id)).count == newest)
  }

  @Test(arguments: [
    "UPDATE schema_migration SET id = 'of others' WHERE position = 5",
    "DELETE FROM schema_migration WHERE position = 2", "INSERT INTO schema_migration VALUES (1000, 'more')",
  ])
  func tablesThatOtherMigrationsMadeAreRefused(change: String) throws {
    try State(creatingIn: folder, deployment: "0000000000000001", now: now).database.execute(change)
    let error = #expect(throws: DioptraError.self) { try State(readingIn: folder) }
    #expect(error?.problem.contains("was written by another dioptra: change") == true)
    #expect(throws: DioptraError.self) { try State(changingIn: folder, now: now) }
  }

  // MARK: Versions of components

  @Test func generationsOfAnOlderProgramSayNothingOfTheirComponents() throws {
    let old = try open(State.file)
    try old.execute(
      """
      INSERT INTO run (command, version, user, host, started_at) VALUES ('dioptra init', '1', 'me', 'here', 'then');
      INSERT INTO content VALUES ('d', '');
      INSERT INTO generation VALUES (1, 1, 1, '1.1.0', '', 'd', 'then');
      """)
    let state = try State(creatingIn: folder, deployment: "0000000000000001", now: now)
    #expect(try state.appliedVersion() == GenerationVersion(template: 1, release: "1.1.0"))
  }

  // MARK: What runs keep

  @Test func whetherARunKeepsABackupIsFilledInForThoseOfAnOlderProgram() throws {
    let commands = [
      "dioptra init lab": false, "dioptra backup": true, "/opt/bin/dioptra stop --quiet": true, "dioptra start": false,
      "dioptra": false, "stop": false, "dioptra stopped": false, "dioptra init stop": false,
    ]
    let old = try open(State.file)
    for command in commands.keys {
      try old.run(
        "INSERT INTO run (command, version, user, host, started_at) VALUES (?, '1', 'me', 'here', 'then')",
        [.text(command)])
    }
    let state = try State(creatingIn: folder, deployment: "0000000000000001", now: now)
    let found: [(String, Bool)] = try state.database.all("SELECT command, keeps_backup FROM run") { row in
      (try row["command"], try row["keeps_backup"])
    }
    #expect(Dictionary(uniqueKeysWithValues: found) == commands)
    #expect(try state.verify().isIntact)
  }

  @Test(arguments: ["version-1", "version-2"])
  func theChainOfAnOlderProgramHoldsBeforeAndAfter(fixture: String) throws {
    try folder.remove(State.file)
    try folder.write(State.file, [], mode: 0o600)
    try open(State.file).execute(try Self.fixture(fixture))
    let before = try #require(try State(readingIn: folder))
    #expect(before.writtenVersion < newest)
    #expect(try before.verify().problem == nil)
    let head = try before.head()
    let state = try State(changingIn: folder, now: now)
    let after = try state.verify(noted: head)
    #expect(after.problem == nil)
    #expect(after.events == head.event + 1)
    try state.database.execute("UPDATE run SET keeps_backup = 1")
    #expect(try state.verify().problem?.contains("the effect of run 1 was changed") == true)
  }

  /// The tables just before: files without origins.
  @Test func filesOfAnOlderProgramHaveNoOriginsUntilTheyAreRenderedAgain() throws {
    let migrations = try #require(StateSchema.migrations.firstIndex { $0.id == "origins of files" })
    let old = try open(State.file)
    try StateSchema.prepare(old, in: folder, migrations: Array(StateSchema.migrations.prefix(migrations)))
    try old.execute(
      """
      INSERT INTO run (id, command, version, user, host, started_at) VALUES (1, 'c', 'v', 'u', 'h', 't');
      INSERT INTO content VALUES ('one', 'a: 1');
      INSERT INTO generation VALUES (1, 1, 2, '1.1.0', '', 'one', 't', NULL);
      INSERT INTO file VALUES (1, 'x', 'box', 'one', 420, 'one', 420);
      """)
    let read = try #require(try State(readingIn: folder))
    #expect(read.writtenVersion == migrations)
    #expect(try read.origins(of: "x", in: 1) == nil)
    let state = try State(changingIn: folder, now: now)
    #expect(try state.origins(of: "x", in: 1) == nil)
    #expect(try state.appliedGeneration()?.files["x"]?.component == "box")
    #expect(try state.firstFault() == nil)
  }

  @Test func originsStayWithATextThatStaysAndAreKeptOnce() throws {
    let state = try State(creatingIn: folder, deployment: "0000000000000001", now: now)
    let run = try state.startRun(
      State.RunDescription(arguments: ["dioptra", "init"], version: "1", user: "me", host: "here"), now: now)
    func plan(_ words: String, _ texts: [String: Text] = [:]) throws -> Int {
      let version = FileVersion(text: StoredText(words), mode: 0o644)
      let files = ["x", "y"].map { ($0, State.GenerationFile(component: "box", rendered: version, recorded: version)) }
      let own = ["own": State.GenerationFile.own(version, near: "box")]
      return try state.plan(
        own.merging(files) { $1 }, [], from: texts, run: run, version: GenerationVersion(template: 1, release: "1.1.0"),
        configuration: "", now: now)
    }
    let text = Text(segments: [.variable("port", value: "80"), .literal("\n")])
    let first = try plan("80\n", ["x": text, "y": text, "own": text])
    let accepted = try plan("80\n")
    let other = try plan("8080\n")
    let back = try plan("80\n")
    for path in ["x", "y"] {
      for generation in [first, accepted, back] {
        #expect(try state.origins(of: path, in: generation)?.text(of: StoredText("80\n")) == text)
      }
      #expect(try state.origins(of: path, in: other) == nil)
    }
    #expect(try state.origins(of: "own", in: first) == nil)
    #expect(try state.database.value("SELECT count(*) FROM origin") == 1)
    #expect(try state.verify().isIntact)
  }

  @Test func aBackupIsCurrentUntilARunChangesSomething() throws {
    let state = try State(creatingIn: folder, deployment: "0000000000000001", now: now)
    let run = State.RunDescription(arguments: ["dioptra", "stop"], version: "1", user: "me", host: "here")
    func note(_ run: State.RunDescription, _ outcome: State.RunOutcome?) throws -> Int {
      let id = try state.startRun(run, now: now)
      if let outcome { try state.finishRun(id, outcome, now: now) }
      return id
    }
    #expect(try !state.hasCurrentBackup())
    let made = try note(run.keepingBackup, .succeeded)
    try state.record(
      State.Backup(run: made, path: "/b", digest: "d", bytes: 1, isEncrypted: false, finishedAt: "then"), now: now)
    #expect(try state.hasCurrentBackup())
    _ = try note(run.keepingBackup, nil)
    _ = try note(run.keepingBackup, .failed)
    _ = try note(run, .stopped)
    #expect(try state.hasCurrentBackup())
    // What it was called decides nothing.
    _ = try note(run, nil)
    #expect(try !state.hasCurrentBackup())
  }

  private static func fixture(_ name: String) throws -> String {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try String(contentsOf: tests.appending(path: "dioptraTests/Fixtures/\(name).sql"), encoding: .utf8)
  }

  private func names(in database: Database) throws -> [String] {
    try database.all("SELECT id FROM schema_migration ORDER BY position") { try $0["id"] }
  }

  private func open(_ path: String) throws -> Database {
    try Database(path, in: ConfinedFolder(path: scratch.path), access: .readWrite)
  }

  private func version(of database: Database) throws -> Int? {
    try database.value("PRAGMA user_version")
  }
}
