internal import Synchronization

/// When something was last heard, for those who wait for it.
package final class ActivityClock: Sendable {
  private let moment = Mutex(ContinuousClock.now)

  package init() {}

  package func now() {
    moment.withLock { $0 = .now }
  }

  /// Seconds since then.
  package var seconds: Int {
    Int((ContinuousClock.now - moment.withLock { $0 }).components.seconds)
  }
}
