import Foundation
import Glibc
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraSystem

/// Whatever happens to a file between backup and restore is found before anything is written.
struct BackupDamageTests {
  @Test func everyFlippedBitInAnEncryptedFileIsDetected() throws {
    let scene = try BackupScene()
    try scene.write([.init(name: "folder/a", bytes: Array("hello".utf8))], encrypted: true)
    let bytes = try scene.bytes()
    let file = open(scene.path, O_WRONLY)
    defer { close(file) }
    for place in bytes.indices {
      // In the header every bit; behind it one is as good as another, and each byte gets one of its own.
      for bit in place < BackupSeal.headerSize ? Array(0..<8) : [place % 8] {
        var flipped = bytes[place] ^ (1 << bit)
        pwrite(file, &flipped, 1, place)
        #expect(throws: DioptraError.self, "byte \(place), bit \(bit)") { try scene.read() }
      }
      var former = bytes[place]
      pwrite(file, &former, 1, place)
    }
    _ = try scene.read()
  }

  @Test(arguments: [false, true])
  func aTruncatedFileIsDetectedWhereverItIsCut(encrypted: Bool) throws {
    let scene = try BackupScene()
    var generator = SeededGenerator(seed: 1)
    try scene.write(
      [.init(name: "folder/a", bytes: BackupScene.bytes(3 * BackupSeal.pieceSize, &generator))], encrypted: encrypted)
    let bytes = try scene.bytes()
    let piece = BackupSeal.pieceSize + BackupSeal.overhead
    let edges = (0...3).map { BackupSeal.headerSize + $0 * piece }.flatMap { [$0 - 1, $0, $0 + 1] }
    for length in edges + [0, 1, 20, 511, 512, 5_000, bytes.count - 512, bytes.count - 1] {
      try scene.replace(with: Array(bytes[..<length]))
      let error = #expect(throws: DioptraError.self, "\(length) bytes") { try scene.read() }
      if encrypted, edges.contains(length + 1), length > piece, (length - BackupSeal.headerSize) % piece == 0 {
        #expect(error?.problem.hasSuffix("its end is missing") == true)
      }
    }
    try scene.replace(with: bytes + [0])
    #expect(throws: DioptraError.self) { try scene.read() }
  }

  @Test func swappedPiecesAreDetected() throws {
    let scene = try BackupScene()
    try scene.write([.init(name: "folder/a", bytes: [UInt8](repeating: 7, count: 300_000))], encrypted: true)
    let bytes = try scene.bytes()
    let piece = BackupSeal.pieceSize + BackupSeal.overhead
    func part(_ number: Int) -> ArraySlice<UInt8> {
      bytes[(BackupSeal.headerSize + number * piece)..<(BackupSeal.headerSize + (number + 1) * piece)]
    }
    let swapped =
      bytes[..<BackupSeal.headerSize] + part(0) + part(2) + part(1) + bytes[(BackupSeal.headerSize + 3 * piece)...]
    try scene.replace(with: Array(swapped))
    let error = #expect(throws: DioptraError.self) { try scene.read() }
    #expect(error?.problem == "the backup cannot be used: it is damaged")
  }

  @Test func aWrongPassphraseIsDistinguishedFromAMissingOne() throws {
    let scene = try BackupScene()
    try scene.write([], encrypted: true)
    let wrong = #expect(throws: DioptraError.self) { try scene.read(passphrase: "correct horsf") }
    #expect(wrong?.problem.hasPrefix("the passphrase is not that of the backup") == true)
    let missing = #expect(throws: DioptraError.self) { try scene.read(passphrase: nil) }
    #expect(missing?.problem == "the backup is encrypted")
    #expect(try Backup.isEncrypted(at: scene.path))
  }

  @Test func anEncryptedFileRevealsNoContents() throws {
    let scene = try BackupScene()
    try scene.write([.init(name: "folder/a", bytes: Array("a telling text".utf8))], encrypted: true)
    let text = String(decoding: try scene.bytes(), as: UTF8.self)
    for word in ["telling", "folder", "manifest", "0123456789abcdef", BackupScene.passphrase] {
      #expect(!text.contains(word))
    }
  }

  @Test func flippedBitsOfAPlainFilesContentsAreFound() throws {
    let scene = try BackupScene()
    let bytes = Array("a telling text".utf8)
    try scene.write([.init(name: "folder/a", bytes: bytes)])
    let file = try scene.bytes()
    let start = try #require(file.indices.first { file[$0...].starts(with: bytes) })
    for place in start..<(start + bytes.count) {
      var damaged = file
      damaged[place] ^= 1 << (place % 8)
      try scene.replace(with: damaged)
      let error = #expect(throws: DioptraError.self) { try scene.read() }
      #expect(error?.problem.contains("its contents are not those") == true)
    }
  }

  @Test(arguments: [
    "folder/../outside", "folder/a/../../outside", "/etc/passwd", "folder//a", "folder/./a", "folder/.dioptra/state.db",
    "folder/.dioptra/lock", "folder/..", "elsewhere/a", "folder", "folder/a\u{0}b",
  ])
  func membersOutsideTheFolderAreRefused(name: String) throws {
    let scene = try BackupScene()
    try scene.write([.init(name: name)])
    #expect(throws: DioptraError.self) { try scene.read() }
  }

  @Test func linksAndDevicesAreRefused() async throws {
    let scene = try BackupScene()
    try scene.write([.init(name: "folder/a")])
    let plain = try scene.bytes()
    try scene.scratch.write("", to: "x/folder/target")
    _ = try await Tool.run("ln", ["-s", "/etc/passwd", scene.scratch.file("x/folder/link")])
    for kind: UInt8 in [0x31, 0x32, 0x33, 0x34, 0x36, 0x37, 0x4C] {
      var bytes = plain
      // The header of `folder/a`: its kind, and the checksum with it.
      let start = try #require(bytes.indices.first { bytes[$0...].starts(with: Array("folder/a\u{0}".utf8)) })
      bytes[start + 156] = kind
      let sum = (0..<512).reduce(0) { $0 + ((148..<156).contains($1) ? 0x20 : Int(bytes[start + $1])) }
      let digits = String(sum, radix: 8)
      let text = String(repeating: "0", count: 6 - digits.count) + digits
      bytes.replaceSubrange((start + 148)..<(start + 154), with: Array(text.utf8))
      try scene.replace(with: bytes)
      #expect(throws: DioptraError.self) { try scene.read() }
    }
  }
}
