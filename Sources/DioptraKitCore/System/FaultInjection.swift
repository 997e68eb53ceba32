internal import Glibc

/// Where tests let the program die or the system refuse: before each operation that changes a file, and around each
/// commit of State. Only debug builds listen.
///
/// `DIOPTRA_FAULT=exit:K` ends the process at the K-th of these places; `DIOPTRA_FAULT=ENOSPC:K` (or EIO, EACCES) makes
/// the K-th operation fail with that error.
package enum FaultInjection {
  /// Passes one place.
  ///
  /// - Returns: Whether the operation may go on; if not, `errno` says why.
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

  /// Passes the place right after a commit, where a process can die but nothing can be refused.
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
