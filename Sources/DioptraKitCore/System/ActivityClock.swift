internal import Synchronization

/// Tells how long ago something last happened.
package final class ActivityClock: Sendable {
  private let moment = Mutex(ContinuousClock.now)

  package init() {}

  package func now() {
    moment.withLock { $0 = .now }
  }

  /// The time since the last activity.
  package var silence: Duration {
    ContinuousClock.now - moment.withLock { $0 }
  }
}
