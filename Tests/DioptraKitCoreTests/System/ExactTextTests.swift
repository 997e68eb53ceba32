import Foundation
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraState
@testable import DioptraSystem

/// Bytes of any kind are kept as characters, and come back.
struct ExactTextTests {
  private static let rounds = 4_000

  @Test func anyBytesComeBackAndTextStaysAsItIs() throws {
    let seed: UInt64 = 20_261_128
    var generator = SeededGenerator(seed: seed)
    let pieces: [[UInt8]] = [
      Array("plain\n".utf8), Array("é日本\u{1F600}".utf8), Array("\u{E000}\u{E003}\u{E004}".utf8), [0xEE, 0x80],
      [0xEE, 0x80, 0x83, 0xC3, 0xB6], [0xF6], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC0, 0x80],
      Array("e\u{301}\r\n".utf8), [0xEF, 0xBB, 0xBF],
    ]
    for round in 0..<Self.rounds {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 0...6, using: &generator) {
        bytes +=
          Bool.random(using: &generator)
          ? generator.pick(pieces) : (0..<3).map { _ in UInt8.random(in: 1...255, using: &generator) }
      }
      let text = String(exactly: bytes)
      #expect(text.exactBytes == bytes, "seed \(seed), round \(round): \(bytes)")
      let stored = StoredText(bytes, secrets: SecretValues([:]))
      #expect(try stored.bytes(secrets: SecretValues([:])) == bytes, "seed \(seed), round \(round): \(bytes)")
      if let plain = String(validating: bytes, as: UTF8.self), text.isExactText {
        #expect(Array(plain.utf8) == Array(text.utf8))
      }
    }
  }

  @Test func whatOlderVersionsKeptAsBase64StillComesBack() throws {
    let old = StoredText("\u{E002}base64\u{E004}" + Data([0x4B, 0xF6, 0x6C, 0x6E]).base64EncodedString())
    #expect(try old.bytes(secrets: SecretValues([:])) == [0x4B, 0xF6, 0x6C, 0x6E])
  }

  @Test func secretsAreFoundWhateverFollowsThem() throws {
    let secrets = SecretValues([SecretReference(name: "pass", version: 1): "AbCdEfGh1234"])
    let bytes = Array("x=AbCdEfGh1234".utf8) + [0xCC, 0x81, 0xF6, 0x0A]
    let stored = StoredText(bytes, secrets: secrets)
    #expect(!stored.characters.utf8.starts(with: "x=AbCdEfGh1234".utf8) && stored.secrets.count == 1)
    #expect(try stored.bytes(secrets: secrets) == bytes)
  }

  @Test(arguments: [
    ("a\u{1B}[31m\nb", "a\\u{1b}[31m\nb"), ("x\u{202E}y\u{200B}z", "x\\u{202e}y\\u{200b}z"),
    ("\u{E000}", "\\u{e000}"), ("日本 é", "日本 é"), (String(exactly: [0x4B, 0xF6]), "K\\xF6"),
  ])
  func nothingInAnErrorSteersATerminal(text: String, shown: String) {
    #expect(text.visible() == shown)
    #expect(DioptraError(.usage, text, remedy: "\(text)").problem == shown)
    #expect(DioptraError(.usage, "", remedy: "\(text)").remedy == shown)
  }

  @Test func mergesIgnoreHowLinesEndAndKeepTheUsers() {
    let base = "a\nb\nc\nd\ne\n"
    let windows = ThreeWayMerge(base: base, ours: "a\r\nb\r\nc\r\nd\r\nmine\r\n", theirs: "A\nb\nc\nd\ne\n")
    #expect(windows.text == "A\r\nb\r\nc\r\nd\r\nmine\r\n")
    let mixed = ThreeWayMerge(base: base, ours: "a\nb\r\nc\nd\ne\n", theirs: "a\nb\nc\nd\nE\n")
    #expect(mixed.text == "a\nb\r\nc\nd\nE\n")
    let conflict = ThreeWayMerge(base: "a\n", ours: "x\r\n", theirs: "y\n")
    #expect(
      conflict.markedText(ours: "yours", theirs: "dioptra")
        == "<<<<<<< yours\r\nx\r\n=======\r\ny\r\n>>>>>>> dioptra\r\n")
  }
}
