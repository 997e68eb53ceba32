import Foundation
import Plugins
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraSystem

/// However a backup was manipulated: it is restored completely into its folder, or nothing is written anywhere.
struct HostileBackupTests {
  /// So many backups are made that say something else than they should, and as many whose bytes were changed.
  private static let mutations = 150

  @Test func aBackupThatSaysAnythingIsRestoredAsAWholeOrNotAtAll() async throws {
    let seed = UInt64.random(in: 1...1_000_000)
    var generator = SeededGenerator(seed: seed)
    let scene = try await Scene()
    var restored = 0
    for number in 0..<Self.mutations {
      var (origin, members) = (scene.origin, scene.members)
      for _ in 0..<Int.random(in: 1...2, using: &generator) { scene.mutate(&origin, &members, &generator) }
      try scene.write(origin, members)
      if try await scene.isRestored() { restored += 1 }
      #expect(try scene.leftovers() == [], "seed \(seed), mutation \(number)")
    }
    #expect(restored > 0 && restored < Self.mutations, "seed \(seed)")
  }

  @Test func aBackupWithAnyBytesIsRestoredAsAWholeOrNotAtAll() async throws {
    let seed = UInt64.random(in: 1...1_000_000)
    var generator = SeededGenerator(seed: seed)
    let scene = try await Scene()
    try scene.write(scene.origin, scene.members)
    let bytes = Array(try Data(contentsOf: URL(filePath: scene.path)))
    for number in 0..<Self.mutations {
      var mutated = bytes
      let place = Int.random(in: bytes.indices, using: &generator)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: mutated[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 1: mutated = Array(bytes[..<place])
      case 2: mutated.replaceSubrange(place..<min(bytes.count, place + 512), with: [])
      default:
        // A block elsewhere once more.
        let source = place / 512 * 512
        let target = Int.random(in: 0..<(bytes.count / 512), using: &generator) * 512
        mutated.insert(contentsOf: bytes[source..<min(bytes.count, source + 512)], at: target)
      }
      try Data(mutated).write(to: URL(filePath: scene.path))
      // A bit in a header that says nothing, such as its time, may be another one.
      _ = try await scene.isRestored()
      #expect(try scene.leftovers() == [], "seed \(seed), mutation \(number)")
    }
  }
}

/// A backup of a small deployment, and a folder in which another one may appear.
private final class Scene {
  struct Member {
    var name: String
    var kind: BackupMember.Kind
    var mode: UInt32
    var bytes: [UInt8]
  }

  let origin: BackupOrigin
  private(set) var members: [Member] = []
  var path: String { shell.scratch.file("b.bak") }
  private let shell: BackupShell
  private let registry: ComponentRegistry
  private let folder: ConfinedFolder
  private var target: String { shell.scratch.file("around/target") }

  init() async throws {
    shell = try await BackupShell()
    registry = try ReferenceDeployment.registry()
    folder = try ConfinedFolder(path: shell.scratch.path)
    try await shell.run("backup", "b.bak", "-C", "lab", "--without-data")
    let backup = try Backup(at: shell.scratch.file("b.bak"), passphrase: nil)
    origin = backup.origin
    var members: [Member] = []
    try await backup.forEachMember(of: [.state, .folder, .file]) { member, content in
      members.append(
        Member(name: member.name, kind: member.kind, mode: member.mode, bytes: try content.content()))
    }
    // What is far from any edge is of one kind.
    self.members = members.filter { !$0.name.hasPrefix("folder/scripts") && !$0.name.hasPrefix("folder/config/nginx") }
    try shell.scratch.write("mine", to: "around/neighbour")
  }

  func write(_ origin: BackupOrigin, _ members: [Member]) throws {
    let output = try BackupOutput(folder.openStaged("b.bak", mode: 0o600), seal: nil)
    let writer = try BackupWriter(origin, to: output, now: Timestamp(seconds: 1_790_000_000))
    for member in members { try writer.add(member.name, member.kind, mode: member.mode, member.bytes) }
    _ = try writer.finish()
    try folder.publish("b.bak")
  }

  /// Restores it, if it can be.
  func isRestored() async throws -> Bool {
    try? FileManager.default.removeItem(atPath: target)
    let restoration: Restoration
    do {
      restoration = try Restoration(of: Backup(at: path, passphrase: nil), registry: registry, in: target)
    } catch is DioptraError {
      #expect(!FileManager.default.fileExists(atPath: target))
      return false
    }
    try DeploymentFolder.make(target)
    let place = try ConfinedFolder(path: target)
    let now = Timestamp(seconds: 1_790_000_000)
    let state = try await restoration.writeFolder(
      WritableFolder(place, for: "dioptra restore", now: now, allowing: .duringRestoration), now: now)
    _ = try restoration.end(place, state, now: now)
    #expect(try UnfinishedRestoration.found(in: place) == nil)
    for member in restoration.backup.members where member.kind == .file {
      #expect(try place.holds(member, at: #require(member.path)))
    }
    #expect(FolderTree(of: Array(target.utf8)).entries.values.allSatisfy { $0.mode & ~0o777 == 0 })
    return true
  }

  /// What is in the scratch folder and was not made by this test.
  func leftovers() throws -> [String] {
    // By bytes: a slash may be one character with what follows.
    let places = ["/lab", "/around", "/around/target", "/around/neighbour", "/b.bak"].map { Array($0.utf8) }
    let folders = ["/lab/", "/around/target/"].map { Array($0.utf8) }
    return FolderTree(of: Array(shell.scratch.path.utf8)).entries.keys.filter { path in
      !places.contains(path) && !folders.contains { path.starts(with: $0) }
    }.map { String(decoding: $0, as: UTF8.self) }
  }

  // MARK: Mutations

  func mutate(_ origin: inout BackupOrigin, _ members: inout [Member], _ generator: inout SeededGenerator) {
    let index = Int.random(in: members.indices, using: &generator)
    switch Int.random(in: 0..<9, using: &generator) {
    case 0: members[index].name = Self.name(&generator)
    case 1: members.insert(members[index], at: Int.random(in: 0...members.count, using: &generator))
    case 2: members.remove(at: index)
    case 3: members[index].kind = generator.pick([.state, .folder, .file, .dump, .volume, .abandoned])
    case 4: members[index].mode = UInt32(truncatingIfNeeded: generator.next())
    case 5:
      let state = members.firstIndex { $0.kind == .state } ?? index
      let place = Int.random(in: 0..<max(1, members[state].bytes.count), using: &generator)
      if !members[state].bytes.isEmpty {
        members[state].bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      }
    case 6: members.append(Member(name: Self.name(&generator), kind: .file, mode: 0o644, bytes: Array("evil".utf8)))
    case 7: origin = origin.with(slug: Self.name(&generator))
    default:
      origin = origin.with(deployment: generator.pick(["0123456789abcdef", "", "x`id`", "..", origin.deployment]))
    }
  }

  private static func name(_ generator: inout SeededGenerator) -> String {
    let pieces = [
      "..", ".", "", "a", ".dioptra", "\u{308}", "\u{308}..", "..\u{308}", "\u{600}", "\u{E003}ä", "\u{0}", "README.md",
      "dioptra.yaml", "state.db", ".state.db.dioptra-new", "folder", String(repeating: "x", count: 300),
    ]
    let start = generator.pick([
      "folder/", "folder/", "folder/", "/", "", "volumes/", "folder/../", "folder/../\u{308}",
    ])
    let count = Int.random(in: 1...4, using: &generator)
    return start + (0..<count).map { _ in generator.pick(pieces) }.joined(separator: "/")
  }
}

extension BackupOrigin {
  fileprivate func with(slug: String? = nil, deployment: String? = nil) -> Self {
    Self(
      format: format, id: id, deployment: deployment ?? self.deployment, slug: slug ?? self.slug, folder: folder,
      generation: generation, release: release, templateVersion: templateVersion, stateVersion: stateVersion,
      version: version, createdAt: createdAt, hasData: hasData)
  }
}
