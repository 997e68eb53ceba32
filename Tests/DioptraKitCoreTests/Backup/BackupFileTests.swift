import Foundation
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraState
@testable import DioptraSystem

struct BackupFileTests {
  /// Sizes around everything that cuts: blocks of tar, parts of members, sealed pieces.
  @Test(arguments: [false, true])
  func membersOfAnySizeReadBackAsTheyWereWritten(encrypted: Bool) async throws {
    let seed = UInt64.random(in: 1...1_000_000)
    var generator = SeededGenerator(seed: seed)
    for round in 0..<30 {
      let scene = try BackupScene()
      let partSize = [1 << 10, 10_000, BackupSeal.pieceSize].randomElement(using: &generator) ?? 1 << 10
      let edges = [0, 1, 511, 512, 513, partSize - 1, partSize, partSize + 1, 3 * partSize, 3 * partSize + 7, 70_000]
      let members = (0..<Int.random(in: 0...9, using: &generator)).map { number in
        let size = Bool.random(using: &generator) ? edges.randomElement(using: &generator) : nil
        return BackupScene.Member(
          name:
            "folder/\(String(repeating: "sub folder/", count: Int.random(in: 0...20, using: &generator)))ä\(number)",
          bytes: BackupScene.bytes(size ?? Int.random(in: 0...150_000, using: &generator), &generator))
      }
      try scene.write(members, encrypted: encrypted, partSize: partSize)
      let backup = try scene.read()
      #expect(backup.members.dropFirst().map(\.name) == members.map(\.name), "seed \(seed), round \(round)")
      let contents = try await scene.contents(of: backup)
      for member in members { #expect(contents[member.name] == member.bytes, "seed \(seed), round \(round)") }
      #expect(backup.configuration == "deployment_name: Lab\n")
      let bytes = try scene.bytes()
      #expect(backup.digest == Digest(of: bytes) && backup.bytes == bytes.count)
    }
  }

  @Test func withoutAPassphraseItIsAnArchiveThatTarReads() async throws {
    let scene = try BackupScene()
    let long = "folder/\(String(repeating: "long/", count: 60))name"
    let bytes = Array("0123456789".utf8)
    try scene.write(
      [
        .init(name: "folder/config", kind: .folder), .init(name: "folder/config/a b", bytes: Array("hello\n".utf8)),
        .init(name: long, bytes: bytes), .init(name: "volumes/data.tar", kind: .volume, bytes: bytes + bytes + bytes),
      ], partSize: 12)
    let listed = try await Tool.run("tar", ["--list", "--file", scene.path])
    #expect(
      listed.output.split(separator: "\n").map(String.init) == [
        "dioptra-backup.json", "folder/dioptra.yaml.part-00001", "folder/dioptra.yaml.part-00002", "folder/config/",
        "folder/config/a b", long, "volumes/data.tar.part-00001", "volumes/data.tar.part-00002",
        "volumes/data.tar.part-00003", "manifest.json",
      ])
    #expect(listed.errors.isEmpty)
    let out = try await Tool.run("tar", ["-xOf", scene.path, "folder/config/a b"])
    #expect(out.output == "hello\n")
    #expect(try scene.scratch.files()["lab.dioptra-backup"] == 0o600)
  }

  @Test func whatWasTakenBackIsNotRead() async throws {
    let scene = try BackupScene()
    let output = try BackupOutput(scene.folder.openStaged("lab.dioptra-backup", mode: 0o600), seal: nil)
    let writer = try BackupWriter(
      BackupScene.origin, to: output, partSize: 32, now: Timestamp(seconds: 1_790_000_000))
    try writer.add("folder/dioptra.yaml", .file, mode: 0o644, BackupScene.configuration)
    for attempt in [String(repeating: "first", count: 9), "no", "second"] {
      writer.abandon()
      writer.begin("volumes/data.tar", .volume)
      try writer.append(Array(attempt.utf8))
    }
    try writer.end()
    _ = try writer.finish()
    try scene.folder.publish("lab.dioptra-backup")
    let backup = try scene.read()
    #expect(backup.members.map(\.kind) == [.file, .abandoned, .volume])
    #expect(try await scene.contents(of: backup)["volumes/data.tar"] == Array("second".utf8))
  }

  @Test func filesThatAreNotBackupsOrHaveANewerFormatAreRefused() throws {
    let scene = try BackupScene()
    for bytes in [[], Array("hello".utf8), [UInt8](repeating: 0, count: 4096)] {
      try scene.replace(with: bytes)
      let error = #expect(throws: DioptraError.self) { try scene.read() }
      #expect(error?.problem == "the file is not a backup of dioptra")
    }
    let origin = BackupScene.origin
    try scene.write(
      [],
      origin: BackupOrigin(
        format: 2, id: origin.id, deployment: origin.deployment, slug: origin.slug, folder: origin.folder,
        generation: nil, release: "", templateVersion: 1, stateVersion: 1, version: "9", createdAt: "", hasData: false))
    let error = #expect(throws: DioptraError.self) { try scene.read() }
    #expect(error?.problem == "the backup was made by a newer dioptra")
  }
}
