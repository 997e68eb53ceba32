internal import Synchronization

/// Tells how long ago something last happened.
package final class ActivityClock: Sendable {
  package let time: PassingTime
  private let moment: Mutex<ContinuousClock.Instant>

  package init(_ time: PassingTime = .real) {
    self.time = time
    moment = Mutex(time.now())
  }

  /// Something happens.
  package func now() {
    moment.withLock { $0 = time.now() }
  }

  /// The time since something last happened.
  package var silence: Duration {
    let moment = moment.withLock { $0 }
    return time.now() - moment
  }
}
