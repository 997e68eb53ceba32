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

  private func open(_ path: String) throws -> Database {
    try Database(path, in: ConfinedFolder(path: scratch.path), access: .readWrite)
  }

  private func version(of database: Database) throws -> Int? {
    try database.value("PRAGMA user_version")
  }
}
