import DioptraKitCore
import Foundation
import TestSupport
import Testing

struct ConfinedFolderTests {
  private let scratch: Scratch
  private let folder: ConfinedFolder

  init() throws {
    scratch = try Scratch()
    try scratch.write("outside", to: "outside/secret")
    try FileManager.default.createDirectory(atPath: scratch.file("inside"), withIntermediateDirectories: true)
    folder = try ConfinedFolder(path: scratch.file("inside"))
  }

  @Test func aFileIsCreatedWithItsMode() throws {
    try folder.write("secrets/key", Array("x".utf8), mode: 0o600, folderMode: 0o700)
    #expect(try folder.entry("secrets/key") == .file(mode: 0o600))
    #expect(try scratch.files() == ["outside/secret": 0o644, "inside/secrets/key": 0o600])
    let mode = try FileManager.default.attributesOfItem(atPath: scratch.file("inside/secrets"))[.posixPermissions]
    #expect(mode as? Int == 0o700)
  }

  @Test(arguments: ["../outside/secret", "/etc/passwd", "a/../../outside/secret", "", "a//b", "a/\0b"])
  func noPathLeavesTheFolder(path: String) {
    #expect(throws: DioptraError.self) { try folder.read(path) }
    #expect(throws: DioptraError.self) { try folder.write(path, [], mode: 0o644) }
  }

  @Test func aLinkOnTheWayIsNotFollowed() throws {
    try FileManager.default.createSymbolicLink(
      atPath: scratch.file("inside/config"), withDestinationPath: scratch.file("outside"))
    #expect(throws: DioptraError.self) { try folder.write("config/secret", Array("x".utf8), mode: 0o644) }
    #expect(throws: DioptraError.self) { try folder.read("config/secret") }
    #expect(try scratch.read("outside/secret") == "outside")
  }

  @Test func aLinkInPlaceOfTheFileIsReplacedAndItsTargetKept() throws {
    try FileManager.default.createSymbolicLink(
      atPath: scratch.file("inside/file"), withDestinationPath: scratch.file("outside/secret"))
    #expect(try folder.entry("file") == .link)
    #expect(throws: DioptraError.self) { try folder.read("file") }
    try folder.write("file", Array("new".utf8), mode: 0o644)
    #expect(try scratch.read("outside/secret") == "outside")
    #expect(try folder.read("file") == Array("new".utf8))
  }

  @Test func aHardLinkIsBrokenNotWrittenThrough() throws {
    try FileManager.default.linkItem(atPath: scratch.file("outside/secret"), toPath: scratch.file("inside/file"))
    try folder.write("file", Array("new".utf8), mode: 0o644)
    #expect(try scratch.read("outside/secret") == "outside")
  }

  @Test func aFolderInPlaceOfTheFileIsAnErrorAndNothingIsLeftBehind() throws {
    try folder.makeFolder("file", mode: 0o755)
    #expect(throws: DioptraError.self) { try folder.write("file", Array("x".utf8), mode: 0o644) }
    #expect(try folder.entry("file") == .folder)
    #expect(try scratch.files(below: "inside") == [:])
  }

  @Test func aMissingFileIsNil() throws {
    #expect(try folder.read("a/b/c") == nil)
    #expect(try folder.entry("a/b/c") == nil)
  }

  @Test func largeFilesComeBackWhole() throws {
    let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try folder.write("large", bytes, mode: 0o644)
    #expect(try folder.read("large") == bytes)
  }
}
