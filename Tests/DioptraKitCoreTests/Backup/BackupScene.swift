import Foundation
import TestSupport

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraSystem

/// A backup in a file of its own.
struct BackupScene {
  static let passphrase = "correct horse"
  static let configuration = Array("deployment_name: Lab\n".utf8)

  struct Member {
    var name: String
    var kind: BackupMember.Kind = .file
    var bytes: [UInt8] = []
  }

  let scratch: Scratch
  let folder: ConfinedFolder
  let path: String

  init() throws {
    scratch = try Scratch(inMemory: true)
    folder = try ConfinedFolder(path: scratch.path)
    path = scratch.file("lab.dioptra-backup")
  }

  static let origin = BackupOrigin(
    format: 1, id: "00000000000000b1", deployment: "0123456789abcdef", slug: "lab", folder: "/srv/lab", generation: 1,
    release: "1.1.0", templateVersion: 1, stateVersion: 1, version: "0.1.0", createdAt: "2026-11-24T09:00:00Z",
    hasData: false)

  /// Writes the members, and a `dioptra.yaml` before them.
  func write(
    _ members: [Member], encrypted: Bool = false, partSize: Int = BackupWriter.partSize, origin: BackupOrigin = origin
  ) throws {
    let seal = encrypted ? try BackupSeal(passphrase: Self.passphrase, cost: 1) : nil
    let output = try BackupOutput(folder.openStaged("lab.dioptra-backup", mode: 0o600), seal: seal)
    let writer = try BackupWriter(origin, to: output, partSize: partSize, now: Timestamp(seconds: 1_790_000_000))
    try writer.add("folder/dioptra.yaml", .file, mode: 0o644, Self.configuration)
    for member in members { try writer.add(member.name, member.kind, mode: 0o640, member.bytes) }
    _ = try writer.finish()
    try folder.publish("lab.dioptra-backup")
  }

  func read(passphrase: String? = passphrase) throws -> Backup {
    try Backup(at: path, passphrase: passphrase)
  }

  /// The bytes of each member, read again.
  func contents(of backup: Backup) async throws -> [String: [UInt8]] {
    var contents: [String: [UInt8]] = [:]
    try await backup.forEachMember(of: [.state, .folder, .file, .dump, .volume]) { member, content in
      contents[member.name] = try content.content()
    }
    return contents
  }

  func bytes() throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }
  func replace(with bytes: [UInt8]) throws { try Data(bytes).write(to: URL(filePath: path)) }

  static func bytes(_ count: Int, _ generator: inout SeededGenerator) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }
}
