internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraSystem
internal import Synchronization

/// Fetches an image over a line that may be slow, or fail at times.
///
/// There is no deadline: a large image may take hours. A line on which nothing comes for a while has stalled.
struct ImageFetch: Sendable {
  /// How long to wait, and how often to try.
  struct Patience: Sendable {
    /// Without a byte that comes or is extracted.
    var silence = Duration.seconds(300)
    /// Between two attempts; the last one repeats.
    var pauses = [2, 4, 8, 16, 32].map(Duration.seconds)
    /// In a row that bring nothing.
    var vainAttempts = 5
    /// In a row that complete no layer, whatever comes.
    var attempts = 20
  }

  let engine: any Engine
  let deployment: Deployment
  var patience = Patience()
  /// Tells when a byte of any image last came. An engine fetches only a few layers at once: those of one image wait for
  /// those of others.
  let activity: ActivityClock

  /// - Throws: `ExecutionFailure` with what to do; `CancellationError`.
  func run(_ image: String, watch: @escaping @Sendable (FetchProgress) -> Void) async throws {
    var vain = 0
    var incomplete = 0
    while true {
      let attempt = Attempt(amid: activity, watch: watch)
      let reason: String
      do {
        return try await within(patience.silence, of: attempt) {
          try await engine.fetch(image) { attempt.take($0) }
        }
      } catch let failure as FetchFailure {
        guard case .interrupted(let cause) = failure else { throw explained(.failed(failure), of: image) }
        reason = cause
      } catch is Stall {
        throw explained(.stalled(patience.silence), of: image)
      }
      let last = attempt.last
      vain = last.bytes > 0 || last.layers > 0 ? 0 : vain + 1
      incomplete = last.layers > 0 ? 0 : incomplete + 1
      guard vain < patience.vainAttempts, incomplete < patience.attempts else {
        throw explained(.failed(.interrupted(reason)), of: image)
      }
      let pause = patience.pauses[min(max(vain, 1), patience.pauses.count) - 1]
      var report = last
      report.phase = .waiting
      report.note = "\(reason); trying again in \(pause.text)"
      watch(report)
      try await Task.sleep(for: pause)
    }
  }

  private func explained(_ problem: FetchProblem, of image: String) -> ExecutionFailure {
    problem.explained(image, deployment, engine)
  }

  /// One attempt's progress.
  private final class Attempt: Sendable {
    private let state = Mutex((last: FetchProgress(), heard: ContinuousClock.now))
    private let all: ActivityClock
    private let watch: @Sendable (FetchProgress) -> Void

    init(amid all: ActivityClock, watch: @escaping @Sendable (FetchProgress) -> Void) {
      self.all = all
      self.watch = watch
    }

    var last: FetchProgress { state.withLock { $0.last } }

    /// How long nothing has come; while the image is queued, of any image.
    var silence: Duration {
      let (last, heard) = state.withLock { $0 }
      let own = ContinuousClock.now - heard
      return last.phase == .queued ? min(own, all.silence) : own
    }

    func take(_ report: FetchProgress) {
      state.withLock { state in
        if report.isFurther(than: state.last) {
          state.heard = .now
          all.now()
        }
        state.last = report
      }
      watch(report)
    }
  }

  private struct Stall: Error {}

  /// Ends a body that is silent for too long.
  private func within(
    _ silence: Duration, of attempt: Attempt, _ body: @escaping @Sendable () async throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await body() }
      group.addTask {
        while case let rest = silence - attempt.silence, rest > .zero { try await Task.sleep(for: rest) }
        throw Stall()
      }
      defer { group.cancelAll() }
      try await group.next()
    }
  }
}
