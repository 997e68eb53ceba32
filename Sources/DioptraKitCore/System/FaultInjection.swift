internal import Glibc

/// Lets tests kill the program or make system calls fail: before each operation that changes a file, and around each
/// commit of State. Debug builds only.
///
/// `DIOPTRA_FAULT=exit:K` ends the process at the K-th point; `DIOPTRA_FAULT=ENOSPC:K` (or EIO, EACCES) makes the K-th
/// operation fail with that error.
package enum FaultInjection {
  /// Passes one point.
  ///
  /// - Returns: Whether the operation may proceed; if not, `errno` says why.
  package static func mayProceed() -> Bool {
    #if DEBUG
      guard let plan else { return true }
      let place = counter.next()
      guard place == plan.place else { return true }
      guard let code = plan.code else { _exit(99) }
      errno = code
      return false
    #else
      return true
    #endif
  }

  /// Passes the point right after a commit, where the process can be killed but nothing can fail.
  package static func passCommit() {
    _ = mayProceed()
  }

  #if DEBUG
    private struct Plan {
      /// nil to end the process.
      let code: Int32?
      let place: Int
    }

    private static let plan: Plan? = {
      guard let text = getenv("DIOPTRA_FAULT").map({ String(cString: $0) }) else { return nil }
      let parts = text.split(separator: ":")
      guard parts.count == 2, let place = Int(parts[1]) else { return nil }
      let codes: [Substring: Int32] = ["ENOSPC": ENOSPC, "EIO": EIO, "EACCES": EACCES]
      return Plan(code: parts[0] == "exit" ? nil : codes[parts[0]], place: place)
    }()

    private final class Counter: @unchecked Sendable {
      private var value = 0
      private var mutex = pthread_mutex_t()

      init() { pthread_mutex_init(&mutex, nil) }

      func next() -> Int {
        pthread_mutex_lock(&mutex)
        defer { pthread_mutex_unlock(&mutex) }
        value += 1
        return value
      }
    }

    private static let counter = Counter()
  #endif
}
