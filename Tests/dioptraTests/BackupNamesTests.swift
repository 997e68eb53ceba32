import Foundation
import Glibc
import TestSupport
import Testing

/// Names of files are bytes, and so are files: any of them come back.
struct BackupNamesTests {
  /// So many folders are made, backed up and restored.
  private static let rounds = 3
  /// So many files and folders in each.
  private static let entries = 60

  @Test func foldersWithAnyNamesAndBytesComeBackExactly() async throws {
    let seed = UInt64.random(in: 1...1_000_000)
    var generator = SeededGenerator(seed: seed)
    let scene = try await BackupShell()
    for round in 0..<Self.rounds {
      let mess = Array("\(scene.scratch.path)/lab/mess".utf8)
      _ = try await Tool.run("rm", ["-rf", scene.scratch.file("lab/mess"), scene.scratch.file("new")])
      var folders = [mess]
      #expect(mkdir(mess.terminated, 0o755) == 0)
      for _ in 0..<Self.entries {
        let path = generator.pick(folders) + [0x2F] + Self.name(&generator)
        if Int.random(in: 0..<4, using: &generator) == 0, path.count < 3_000 {
          guard mkdir(path.terminated, 0o700) == 0 else { continue }
          folders.append(path)
        } else {
          Self.write(path, &generator)
        }
      }
      // From now on not even their owner may write into some.
      for path in folders.reversed() { chmod(path.terminated, generator.pick([0o755, 0o700, 0o555, 0o750, 0o777])) }
      let backup = try await scene.run("backup", "\(round).bak", "-C", "lab", "--without-data")
      #expect(backup.errors.isEmpty)
      try await scene.run("restore", "\(round).bak", "new", "--without-data")
      let before = FolderTree(of: mess)
      let after = FolderTree(of: Array("\(scene.scratch.path)/new/mess".utf8))
      #expect(before.entries.count > Self.entries / 2)
      #expect(before == after, "seed \(seed), round \(round)")
      // The existing files are recognised as equal, name by name.
      let dry = try await scene.run("restore", "\(round).bak", "new", "--dry-run", "--json", status: 2)
      let changes = try #require(try Shell.object(dry)["changes"] as? [[String: String]])
      #expect(
        changes.filter { $0["action"] == "overwrite" }.map { $0["path"] } == [
          ".dioptra/state.db", "systemd/dioptra.service",
        ])
    }
    _ = try await Tool.run("chmod", ["-R", "u+rwX", scene.scratch.path])
  }

  private static func name(_ generator: inout SeededGenerator) -> [UInt8] {
    let pieces: [[UInt8]] = [
      Array("a".utf8), Array("ä".utf8), Array("a\u{308}".utf8), Array("\u{308}".utf8), Array("\u{600}".utf8), [0xE4],
      [0xFF],
      [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0x0A], [0x0D], [0x1B], Array("\u{E003}".utf8), Array("\u{E003}ä".utf8),
      Array("\\".utf8), Array("'\"".utf8), Array("..".utf8), Array(" ".utf8), Array("\u{202E}".utf8), Array("%2F".utf8),
      Array(repeating: 0x78, count: 60), Array("=".utf8), Array("folder".utf8), [0x7F], [0x01],
    ]
    while true {
      let count = Int.random(in: 1...6, using: &generator)
      let name = Array((0..<count).flatMap { _ in generator.pick(pieces) }.prefix(255))
      if ![[0x2E], [0x2E, 0x2E]].contains(name) { return name }
    }
  }

  private static func write(_ path: [UInt8], _ generator: inout SeededGenerator) {
    let size = generator.pick([0, 1, 511, 512, 513, 5_000, 262_144, 300_000])
    let file = open(path.terminated, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    guard file >= 0 else { return }
    defer { close(file) }
    let bytes = (0..<size).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    #expect(Glibc.write(file, bytes, bytes.count) == bytes.count)
    fchmod(file, generator.pick([0o600, 0o644, 0o755, 0o400, 0o666]))
  }
}
