internal import Synchronization

/// When something was last heard, for those who wait for it.
final class LastHeard: Sendable {
  private let moment = Mutex(ContinuousClock.now)

  func now() {
    moment.withLock { $0 = .now }
  }

  /// Seconds since then.
  var seconds: Int {
    Int((ContinuousClock.now - moment.withLock { $0 }).components.seconds)
  }
}
