internal import Glibc

/// The right to change a deployment: held by one process at a time, gone when that process is, whatever ends it.
///
/// The system keeps the lock with the open file; child processes do not inherit it. A shared file system may keep the
/// locks of each host apart: so the holder is also named by a `HolderNote`, which only one host can make.
public final class FolderLock: Sendable {
  private let descriptor: Int32
  private let note: HolderNote?

  package static let file = "\(ProgramFolder.name)/lock"

  /// A run that has no end, as far as is recorded.
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
  ///   - command: What the holder is called when somebody else asks.
  ///   - unfinishedRun: The newest run of the folder that has no end; asked once the lock is there.
  /// - Throws: `DioptraError` that names the holder when another process has the lock, or another host is at work.
  package init(
    in folder: ConfinedFolder, command: String, now: Timestamp, unfinishedRun: (ConfinedFolder) -> UnfinishedRun?
  ) throws(DioptraError) {
    // Nothing else is written before the lock is there.
    try folder.makeFolder(ProgramFolder.name, mode: 0o700)
    let (descriptor, isNew) = try folder.openForLocking(Self.file)
    do throws(DioptraError) {
      try Self.acquire(descriptor, folder)
      try ProgramFolder.make(in: folder)
      let text = "`\(command)`, process \(getpid()) on \(HolderNote.host), since \(now)"
      note = try HolderNote(text, in: folder, now: now)
      do throws(DioptraError) {
        // Whoever removes the lock by hand says that nobody is at work.
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
    Undertaking.begin()
  }

  /// Keeps others from changing a folder that this process cannot write to, while it is read. Where the file system is read
  /// only and nobody ever took the lock, or there are no locks, there is nobody to keep from it.
  ///
  /// - Throws: `DioptraError` that names the holder when another process has the lock.
  public init(lookingInto folder: ConfinedFolder) throws(DioptraError) {
    note = nil
    let descriptor = try folder.openToLook(Self.file) ?? -1
    if descriptor >= 0, flock(descriptor, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK {
      let holder = Self.text(of: descriptor)
      close(descriptor)
      throw .locked(folder, by: holder)
    }
    self.descriptor = descriptor
    Undertaking.begin()
  }

  deinit {
    defer { Undertaking.end() }
    guard descriptor >= 0 else { return }
    note?.remove()
    _ = ftruncate(descriptor, 0)
    // Also for a process that was just forked and has not yet become another program.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  /// Somebody who only looks has the lock for an instant: that is waited for.
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

  /// Who has the lock.
  package struct Holder: Equatable {
    /// When the holder got it; nil when that is not written yet.
    package let since: Timestamp?
  }

  /// Who has the lock of a folder; nil when nobody has. The holder notices nothing, and nothing is written.
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

  /// - Throws: `DioptraError` that names the holder when a process of this host has the lock.
  public static func requireFree(_ folder: ConfinedFolder) throws(DioptraError) {
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
