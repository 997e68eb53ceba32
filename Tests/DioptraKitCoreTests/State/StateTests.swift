import DioptraKitCore
import Foundation
import TestSupport
import Testing

struct StateTests {
  private let scratch: Scratch
  private let folder: ConfinedFolder
  private let now = Timestamp(seconds: 1_790_000_000)

  init() throws {
    scratch = try Scratch()
    folder = try ConfinedFolder(path: scratch.path)
  }

  @Test func aSecretIsGeneratedOnceAndKept() throws {
    let secrets = [Secret("a", "One"), Secret("b", "Two")]
    let first = try State(creatingIn: folder, deployment: "00000000000000ff", now: now)
    try first.generate(secrets, now: now)
    let values = try first.secretValues()
    let again = try State(creatingIn: folder, deployment: "00000000000000ff", now: Timestamp(seconds: 1_800_000_000))
    try again.generate(secrets + [Secret("c", "Three")], now: now)
    for name: SecretName in ["a", "b"] {
      let reference = SecretReference(name: name, version: 1)
      #expect(try again.secretValues().value(of: reference) == values.value(of: reference))
    }
    #expect(try again.secretRecords().map(\.name) == ["a", "b", "c"])
    #expect(try again.deployment == first.deployment)
  }

  @Test func passwordsHave32LettersAndDigitsAndKeysAreBase64() throws {
    let state = try State(creatingIn: folder, deployment: "00000000000000ff", now: now)
    let names = (0..<50).map { SecretName("password\($0)") }
    try state.generate(
      names.map { Secret($0, "A password") } + [Secret("key", "A key", form: .key(bytes: 32))], now: now)
    let values = try state.secretValues()
    let passwords = try names.map { try values.value(of: SecretReference(name: $0, version: 1)) }
    for password in passwords {
      #expect(password.count == 32)
      #expect(password.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) })
    }
    #expect(Set(passwords).count == 50)
    let key = try values.value(of: SecretReference(name: "key", version: 1))
    #expect(key.count == 44)
    #expect(Data(base64Encoded: key)?.count == 32)
  }

  @Test func onlyTheOwnerMayRead() throws {
    _ = try State(creatingIn: folder, deployment: "00000000000000ff", now: now)
    #expect(try folder.entry(".dioptra/state.db") == .file(mode: 0o600))
    let mode = try FileManager.default.attributesOfItem(atPath: scratch.file(".dioptra"))[.posixPermissions] as? Int
    #expect(mode == 0o700)
    #expect(try scratch.read(".dioptra/.gitignore") == "*\n")
  }

  @Test func readingLeavesNoFiles() throws {
    _ = try State(creatingIn: folder, deployment: "00000000000000ff", now: now)
    let before = try scratch.files()
    let state = try #require(try State(readingIn: folder))
    _ = try state.secretRecords()
    #expect(try scratch.files() == before)
  }

  @Test func aDamagedDatabaseIsRefusedWithASentence() throws {
    try scratch.write(
      "this is no database, whatever its name says, and long enough to be one\n", to: ".dioptra/state.db")
    #expect { try State(creatingIn: folder, deployment: "00000000000000ff", now: now) } throws: {
      "\($0)".contains("damaged or no database")
    }
    #expect { try State(readingIn: folder) } throws: { "\($0)".contains("damaged or no database") }
  }

  @Test(.needs("sqlite3"))
  func aDatabaseOfAnotherProgramOrANewerVersionIsRefused() async throws {
    _ = try State(creatingIn: folder, deployment: "00000000000000ff", now: now)
    let file = scratch.file(".dioptra/state.db")
    #expect(try await Tool.run("sqlite3", [file, "CREATE TABLE later (a TEXT); PRAGMA user_version = 99"]).succeeded)
    #expect { try State(creatingIn: folder, deployment: "00000000000000ff", now: now) } throws: {
      "\($0)".contains("newer dioptra")
    }
    #expect(try await Tool.run("sqlite3", [file, "PRAGMA user_version = 1; PRAGMA application_id = 7"]).succeeded)
    #expect { try State(readingIn: folder) } throws: { "\($0)".contains("another program") }
  }

  @Test func anErrorNeverShowsAValue() throws {
    let state = try State(creatingIn: folder, deployment: "00000000000000ff", now: now)
    try state.generate([Secret("a", "One")], now: now)
    let value = try state.secretValues().value(of: SecretReference(name: "a", version: 1))
    #expect { try state.secretValues().value(of: SecretReference(name: "a", version: 2)) } throws: {
      !"\($0)".contains(value) && "\($0)".contains("version 2 of the secret a")
    }
  }
}
