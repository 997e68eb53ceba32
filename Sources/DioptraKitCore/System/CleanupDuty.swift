internal import Synchronization

/// Something that this process has begun and has to clean up: a lock that it holds, a program that it has started.
///
/// While there is none, a process that is asked to end may end at once, whatever it waits for.
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
