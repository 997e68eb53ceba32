import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import DioptraOperations
@testable import DioptraState
@testable import DioptraSystem

struct FolderLockTests {
  private let scratch: Scratch
  private let folder: ConfinedFolder
  private let now = Timestamp(seconds: 1_790_000_000)

  init() throws {
    scratch = try Scratch()
    folder = try ConfinedFolder(path: scratch.path)
  }

  @Test func theSecondProcessIsToldWhoHoldsTheLockAndSinceWhen() throws {
    let first = try FolderLock(in: folder, command: "dioptra upgrade", now: now)
    let error = #expect(throws: DioptraError.self) { try FolderLock(in: folder, command: "dioptra init", now: now) }
    #expect(error?.exitCode == .locked)
    #expect(
      error?.problem.hasSuffix("`dioptra upgrade`, process \(getpid()) on \(HolderNote.host), since \(now)") == true)
    withExtendedLifetime(first) {}
  }

  @Test func theLockIsReleasedAndEmptiedWithItsHolder() throws {
    for _ in 0..<3 { _ = try FolderLock(in: folder, command: "dioptra init", now: now) }
    #expect(try scratch.read(".dioptra/lock") == "")
    #expect(try scratch.files() == [".dioptra/.gitignore": 0o600, ".dioptra/lock": 0o600])
  }

  private final class Flag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
  }

  /// A host that shares the folder reads the note while it is written again and again.
  @Test func otherHostsNeverSeeAnIncompleteNote() throws {
    let (folder, now) = (folder, now)
    let isEnough = Flag()
    let ended = DispatchSemaphore(value: 0)
    let writer = Thread {
      while !isEnough.isSet {
        guard (try? FolderLock(in: folder, command: "dioptra init", now: now)) != nil else { break }
      }
      ended.signal()
    }
    writer.start()
    var notes: [String: Int] = [:]
    while notes.values.reduce(0, +) < 1_000, !writer.isFinished {
      guard let bytes = try folder.read(HolderNote.file) else { continue }
      notes[String(decoding: bytes, as: UTF8.self), default: 0] += 1
    }
    isEnough.set()
    ended.wait()
    #expect(notes == ["`dioptra init`, process \(getpid()) on \(HolderNote.host), since \(now)": 1_000])
    #expect(try scratch.files() == [".dioptra/.gitignore": 0o600, ".dioptra/lock": 0o600])
  }

  @Test func childProcessesDoNotInheritTheLock() async throws {
    var lock: FolderLock? = try FolderLock(in: folder, command: "dioptra init", now: now)
    #expect(lock != nil)
    // Written by hand: other ways to start a process close everything first.
    var child: pid_t = 0
    let words = ["sh", "-c", "ls -l /proc/self/fd >'\(scratch.file("list"))'; exec sleep 60"]
    var arguments = words.map { strdup($0) } + [nil]
    defer { arguments.forEach { free($0) } }
    try #require(posix_spawn(&child, "/bin/sh", nil, nil, &arguments, environ) == 0)
    defer {
      kill(child, SIGKILL)
      waitpid(child, nil, 0)
    }
    while try !scratch.files().keys.contains("list") || scratch.read("list").isEmpty {
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(try scratch.read("list").contains(" 0 -> "))
    // Other tests open files of their own meanwhile.
    #expect(try !scratch.read("list").contains("\(scratch.path)/.dioptra"))
    lock = nil
    #expect(kill(child, 0) == 0)
    _ = try FolderLock(in: folder, command: "dioptra init", now: now)
  }
}
