internal import CSQLite
internal import DioptraModel
internal import DioptraSystem
internal import Glibc

/// How long a connection waits for others, and whether waiting makes sense.
final class DatabaseWaiting {
  /// Whether a lock was refused because the file system has none.
  private(set) var lacksLocks = false

  /// The object must live as long as the connection.
  func install(in handle: OpaquePointer) {
    sqlite3_busy_handler(
      handle,
      { context, count in
        // SQLite calls this right after a lock was refused, and mistakes a file system without locks for one in use.
        let code = errno
        guard let context else { return 0 }
        return Unmanaged<DatabaseWaiting>.fromOpaque(context).takeUnretainedValue().goesOn(count, code) ? 1 : 0
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  /// Waits for five seconds in total.
  private func goesOn(_ count: Int32, _ code: Int32) -> Bool {
    if saysNoLocks(code) { lacksLocks = true }
    guard !lacksLocks, count < 208 else { return false }
    usleep(count < 10 ? 2_000 : 25_000)
    return true
  }
}
