internal import Glibc

/// The right to change a deployment, held by one process at a time and released when that process ends, however it
/// ends.
///
/// The lock belongs to the open file; child processes do not inherit it. A shared file system may keep the locks of
/// each host separate, so the holder is also named in a `HolderNote`, which only one host can create.
package final class FolderLock: Sendable {
  private let descriptor: Int32
  private let note: HolderNote?

  package static let file = "\(ProgramFolder.name)/lock"

  /// A run without a recorded end.
  package struct UnfinishedRun: Sendable {
    package let command: String
    package let host: String
    package let since: Timestamp?

    package init(command: String, host: String, since: Timestamp?) {
      self.command = command
      self.host = host
      self.since = since
    }
  }

  /// - Parameters:
  /// - command: The holder's name in messages to others.
  /// - unfinishedRun: The folder's newest run without an end; asked for once the lock is held.
  /// - Throws: `DioptraError` that names the holder if another process has the lock or another host is working.
  package init(
    in folder: ConfinedFolder, command: String, now: Timestamp, unfinishedRun: (ConfinedFolder) -> UnfinishedRun?
  ) throws(DioptraError) {
    // Nothing else is written before the lock is held.
    try folder.makeFolder(ProgramFolder.name, mode: 0o700)
    let (descriptor, isNew) = try folder.openForLocking(Self.file)
    do throws(DioptraError) {
      try Self.acquire(descriptor, folder)
      try ProgramFolder.make(in: folder)
      let text = "`\(command)`, process \(getpid()) on \(HolderNote.host), since \(now)"
      note = try HolderNote(text, in: folder, now: now)
      do throws(DioptraError) {
        // If someone removes the lock by hand, they state that no one is working.
        if !isNew, let run = unfinishedRun(folder) { try HolderNote.refuse(run, in: folder, now: now) }
      } catch {
        note?.remove()
        throw error
      }
      _ = ftruncate(descriptor, 0)
      _ = Array(text.utf8).withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    } catch {
      close(descriptor)
      throw error
    }
    self.descriptor = descriptor
    CleanupDuty.begin()
  }

  /// Keeps others from changing a folder while this process reads it and cannot write to it. On a read-only file system
  /// where no one ever took the lock, or without locks, there is nothing to prevent.
  ///
  /// - Throws: `DioptraError` that names the holder if another process has the lock.
  package init(lookingInto folder: ConfinedFolder) throws(DioptraError) {
    note = nil
    let descriptor = try folder.openToLook(Self.file) ?? -1
    if descriptor >= 0, flock(descriptor, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK {
      let holder = Self.text(of: descriptor)
      close(descriptor)
      throw .locked(folder, by: holder)
    }
    self.descriptor = descriptor
    CleanupDuty.begin()
  }

  deinit {
    defer { CleanupDuty.end() }
    guard descriptor >= 0 else { return }
    note?.remove()
    _ = ftruncate(descriptor, 0)
    // Applies also to a forked process that has not yet become another program.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  /// A read-only command holds the lock for an instant, so wait for it.
  private static func acquire(_ descriptor: Int32, _ folder: ConfinedFolder) throws(DioptraError) {
    for attempt in 0..<6 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
      guard errno == EWOULDBLOCK else {
        if saysNoLocks(errno) { throw .withoutLocks(folder.path, descriptor) }
        throw .system("\(folder.path) cannot be locked", remedy: "Put it on a local file system")
      }
      if attempt < 5 { usleep(2_000) }
    }
    throw .locked(folder, by: text(of: descriptor))
  }

  /// The holder of the lock.
  package struct Holder: Equatable {
    /// When the holder took the lock; nil if that is not written yet.
    package let since: Timestamp?
  }

  /// The holder of a folder's lock; nil if there is none. Read-only, and invisible to the holder.
  package static func holder(in folder: ConfinedFolder) -> Holder? {
    guard let descriptor = try? folder.openToLook(file) else { return nil }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_SH | LOCK_NB) != 0 else {
      flock(descriptor, LOCK_UN)
      return HolderNote.ofOtherHost(in: folder, now: .now).map { Holder(since: $0.since) }
    }
    guard errno == EWOULDBLOCK else { return nil }
    return Holder(since: HolderNote.since(text(of: descriptor)))
  }

  /// - Throws: `DioptraError` that names the holder if a process of this host has the lock.
  package static func requireFree(_ folder: ConfinedFolder) throws(DioptraError) {
    _ = try FolderLock(lookingInto: folder)
  }

  private static func text(of descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 400)
    let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}

extension DioptraError {
  fileprivate static func locked(_ folder: ConfinedFolder, by holder: String) -> DioptraError {
    DioptraError(
      .locked, "another dioptra is at work in \(folder.path)\(holder.isEmpty ? "" : ": \(holder)")",
      remedy: "Wait until it has ended, then try again")
  }
}
