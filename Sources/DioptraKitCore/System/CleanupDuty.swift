internal import Synchronization

/// Something that this process must clean up before it ends: a lock that it holds, or a program that it started.
///
/// Without any, a process that is asked to end can exit at once, whatever it waits for.
package enum CleanupDuty {
  private static let count = Atomic<Int>(0)

  package static var isAny: Bool { count.load(ordering: .sequentiallyConsistent) > 0 }

  package static func begin() {
    count.add(1, ordering: .sequentiallyConsistent)
  }

  package static func end() {
    count.subtract(1, ordering: .sequentiallyConsistent)
  }
}
