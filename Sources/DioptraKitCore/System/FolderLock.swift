internal import Glibc

/// The right to change a deployment: held by one process at a time, gone when that process is, whatever ends it.
///
/// The system keeps the lock with the open file; child processes do not inherit it.
public final class FolderLock: Sendable {
  private let descriptor: Int32

  /// - Parameters:
  ///   - command: What the holder is called when somebody else asks.
  /// - Throws: `DioptraError` that names the holder when another process has the lock.
  public init(in folder: ConfinedFolder, command: String, now: Timestamp) throws(DioptraError) {
    try State.makeFolder(in: folder)
    let descriptor = try folder.openForLocking("\(State.folder)/lock")
    guard Self.acquire(descriptor) else {
      let isHeld = errno == EWOULDBLOCK
      let holder = Self.text(of: descriptor)
      close(descriptor)
      guard isHeld else { throw .system("\(folder.path) cannot be locked", remedy: "Put it on a local file system") }
      throw DioptraError(
        "another dioptra is at work in \(folder.path)\(holder.isEmpty ? "" : ": \(holder)")",
        remedy: "Wait until it has ended, then try again", exitCode: .locked)
    }
    self.descriptor = descriptor
    Undertaking.begin()
    let text = Array("`\(command)`, process \(getpid()), since \(now)".utf8)
    _ = ftruncate(descriptor, 0)
    _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  deinit {
    _ = ftruncate(descriptor, 0)
    // Also for a process that was just forked and has not yet become another program.
    flock(descriptor, LOCK_UN)
    close(descriptor)
    Undertaking.end()
  }

  /// Somebody who only looks has the lock for an instant: that is waited for.
  private static func acquire(_ descriptor: Int32) -> Bool {
    for _ in 0..<5 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
      guard errno == EWOULDBLOCK else { return false }
      usleep(2_000)
    }
    return flock(descriptor, LOCK_EX | LOCK_NB) == 0
  }

  /// Who has the lock.
  struct Holder: Equatable {
    /// When the holder got it; nil when that is not written yet.
    let since: Timestamp?
  }

  /// Who has the lock of a folder; nil when nobody has. The holder notices nothing, and nothing is written.
  static func holder(in folder: ConfinedFolder) -> Holder? {
    guard let descriptor = try? folder.openToLook("\(State.folder)/lock") else { return nil }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_SH | LOCK_NB) != 0 else {
      flock(descriptor, LOCK_UN)
      return nil
    }
    guard errno == EWOULDBLOCK else { return nil }
    let moment = text(of: descriptor).split(separator: " ").last ?? ""
    return Holder(since: Timestamp(rfc3339: moment))
  }

  private static func text(of descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 400)
    let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}
