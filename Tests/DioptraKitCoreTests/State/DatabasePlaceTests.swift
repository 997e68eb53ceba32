import Foundation
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraState
@testable import DioptraSystem

/// Files next to a database, and the database's location.
struct DatabasePlaceTests {
  private let scratch: Scratch
  private let folder: ConfinedFolder
  private let now = Timestamp(seconds: 1_790_000_000)

  init() throws {
    scratch = try Scratch()
    try FileManager.default.createDirectory(atPath: scratch.file("lab"), withIntermediateDirectories: false)
    folder = try ConfinedFolder(path: scratch.file("lab"))
    _ = try State(creatingIn: folder, deployment: "00000000000000ff", now: now)
  }

  @Test func aJournalThatNamesAnotherFileIsRefusedBeforeAnythingIsWritten() throws {
    try scratch.write("precious", to: "victim")
    let journal = "lab/\(State.file)-journal"
    let bytes = Self.journal(naming: scratch.file("victim"), pages: 1)
    try Data(bytes).write(to: URL(filePath: scratch.file(journal)))
    for open in [
      { _ = try State(creatingIn: folder, deployment: "00000000000000ff", now: now) },
      { _ = try State(changingIn: folder, now: now) }, { _ = try State(readingIn: folder, recovering: true) },
    ] {
      let error = #expect(throws: DioptraError.self) { try open() }
      #expect(
        error?.problem.hasSuffix("-journal was not written by dioptra: it would have another file removed") == true)
    }
    #expect(try scratch.read("victim") == "precious")
    #expect(try Data(contentsOf: URL(filePath: scratch.file(journal))) == Data(bytes))
  }

  /// SQLite itself removes the file: what is refused is a danger.
  @Test func otherwiseTheFileWouldBeGone() async throws {
    try scratch.write("precious", to: "victim")
    try Data(Self.journal(naming: scratch.file("victim"), pages: 1)).write(
      to: URL(filePath: scratch.file("lab/\(State.file)-journal")))
    _ = try await Tool.run("sqlite3", [scratch.file("lab/\(State.file)"), "PRAGMA user_version"])
    #expect(!FileManager.default.fileExists(atPath: scratch.file("victim")))
  }

  @Test func theOpenedDatabaseIsUsedEvenIfThePathChanges() throws {
    let other = try Scratch()
    _ = try State(creatingIn: try ConfinedFolder(path: other.path), deployment: "00000000000000aa", now: now)
    try FileManager.default.moveItem(atPath: scratch.file("lab"), toPath: scratch.file("away"))
    try FileManager.default.createSymbolicLink(atPath: scratch.file("lab"), withDestinationPath: other.path)
    #expect(try State(changingIn: folder, now: now).deployment == "00000000000000ff")
    #expect(try State(readingIn: folder)?.deployment == "00000000000000ff")
  }

  @Test func theJournalOfACommitGoesWithTheConnection() throws {
    var state: State? = try State(changingIn: folder, now: now)
    try state?.database.execute("CREATE TABLE more (number INTEGER) STRICT")
    #expect(try folder.entry("\(State.file)-journal") != nil)
    state = nil
    #expect(try folder.names(in: State.folder) == [".gitignore", "state.db"])
  }

  /// A rollback journal that ends with the name of a file (SQLite's file format, section 3).
  static func journal(naming file: String, pages: UInt32) -> [UInt8] {
    func big(_ number: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) } }
    let magic: [UInt8] = [0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7]
    var bytes = magic + [0, 1, pages, 512, 4096].flatMap(big)
    bytes += [UInt8](repeating: 0, count: 512 - bytes.count)
    let name = Array(file.utf8)
    let sum = name.reduce(0 as UInt32) { $0 &+ UInt32($1) }
    return bytes + big(0x4000_0000 / 4096 + 1) + name + big(UInt32(name.count)) + big(sum) + magic
  }
}
