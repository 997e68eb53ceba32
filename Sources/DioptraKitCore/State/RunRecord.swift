/// One run of a command as history tells it: it begins when something is about to be changed, and ends with an outcome.
///
/// A run that is interrupted gets no end; whoever looks later sees that its process is gone.
public final class RunRecord {
  private let state: State
  private let description: State.RunDescription
  private var id: Int?

  init(state: State, description: State.RunDescription) {
    self.state = state
    self.description = description
  }

  /// The number of the run, which is noted the first time that somebody asks.
  ///
  /// - Throws: `CancellationError` where the process was asked to end before anything was changed.
  public func begin() throws -> Int {
    if let id { return id }
    try Task.checkCancellation()
    let id = try state.startRun(description, now: .now)
    self.id = id
    return id
  }

  /// Whether anything was about to be changed.
  public var hasBegun: Bool { id != nil }

  /// What had nothing to do is no run; what failed before it could do anything is one: somebody tried.
  fileprivate func finish(_ outcome: State.RunOutcome) throws {
    if id == nil, outcome == .succeeded { return }
    let id = try begin()
    // Where the beginning was undone together with the plan that failed, history still tells of the run.
    let noted = try state.hasRun(id) ? id : state.startRun(description, now: .now)
    try state.finishRun(noted, outcome, now: .now)
  }
}

/// Something did not let a run through before it changed anything: the run is stopped, not failed.
public struct Refusal: Error {
  public let error: DioptraError

  public init(_ error: DioptraError) {
    self.error = error
  }
}

extension State {
  /// Notes a run around what it does.
  ///
  /// - Throws: What the body throws, which decides the outcome; `DioptraError` of a guard.
  public func recording<Result>(
    _ description: RunDescription, _ body: (RunRecord) async throws -> sending Result
  ) async throws -> sending Result {
    try Task.checkCancellation()
    let record = RunRecord(state: self, description: description)
    do {
      let result = try await body(record)
      try record.finish(.succeeded)
      return result
    } catch let refusal as Refusal {
      try? record.finish(.stopped)
      throw refusal.error
    } catch {
      // The first error is the one to report.
      if let outcome = Self.outcome(of: error) { try? record.finish(outcome) }
      throw error
    }
  }

  /// Notes a run around a change that takes no time.
  ///
  /// - Throws: What the body throws, which decides the outcome.
  public func recording(_ description: RunDescription, change: () throws -> Void) throws {
    let record = RunRecord(state: self, description: description)
    _ = try record.begin()
    do {
      try change()
    } catch {
      if let outcome = Self.outcome(of: error) { try? record.finish(outcome) }
      throw error
    }
    try record.finish(.succeeded)
  }

  private static func outcome(of error: any Error) -> RunOutcome? {
    switch error {
    case is CancellationError: nil
    case let error as DioptraError where error.exitCode == .conflicts: .stopped
    default: .failed
    }
  }
}
