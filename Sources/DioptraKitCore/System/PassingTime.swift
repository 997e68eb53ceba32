/// How time passes: as it does, or as a test says.
package struct PassingTime: Sendable {
  package let now: @Sendable () -> ContinuousClock.Instant
  /// Throws `CancellationError`.
  package let sleep: @Sendable (Duration) async throws -> Void

  package init(
    now: @escaping @Sendable () -> ContinuousClock.Instant, sleep: @escaping @Sendable (Duration) async throws -> Void
  ) {
    self.now = now
    self.sleep = sleep
  }

  package static let real = PassingTime(now: { .now }, sleep: { try await Task.sleep(for: $0) })
}
