internal import DioptraModel
public import DioptraSystem

/// One run of a command as history tells it: it begins when something is about to be changed, and ends with an outcome.
///
/// A run that is interrupted gets no end; whoever looks later sees that its process is gone.
public final class RunRecord {
  private let state: State
  private let description: State.RunDescription
  private var id: Int?
  /// Is told why history does not tell of the run; nil where that ends it.
  fileprivate var unrecorded: ((DioptraError) -> Void)?
  /// Whether all was noted that should be.
  package private(set) var isComplete = true

  package init(state: State, description: State.RunDescription) {
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

  /// The number of the run; nil where history cannot be written and need not be.
  public func beginIfPossible() throws -> Int? {
    try note { _ = try begin() }
    return id
  }

  /// Notes something, where it can be.
  package func note(_ body: () throws -> Void) throws {
    guard isComplete else { return }
    do {
      try body()
    } catch let error as DioptraError {
      guard let unrecorded else { throw error }
      isComplete = false
      unrecorded(error)
    }
  }

  /// What had nothing to do is no run; what failed before it could do anything is one: somebody tried.
  fileprivate func finish(_ outcome: State.RunOutcome) throws {
    if id == nil, outcome == .succeeded { return }
    try note { try noteEnd(outcome) }
  }

  private func noteEnd(_ outcome: State.RunOutcome) throws {
    let id = try begin()
    // Where the beginning was undone together with the plan that failed, history still tells of the run.
    let noted = try state.hasRun(id) ? id : state.startRun(description, now: .now)
    try state.finishRun(noted, outcome, now: .now)
  }
}

extension RunRecord {
  /// Notes the end of a run that an error ended.
  ///
  /// - Returns: The error to report.
  fileprivate func end(by error: any Error) -> any Error {
    if let refusal = error as? Refusal {
      try? finish(.stopped)
      return refusal.error
    }
    // The first error is the one to report.
    if let outcome = State.outcome(of: error) { try? finish(outcome) }
    return error
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
  /// - Parameter unrecorded: Is told why history does not tell of the run: with it the run goes on where State cannot be
  ///   written, on a full disk or one that is read only.
  /// - Throws: What the body throws, which decides the outcome; `DioptraError` of a guard.
  public func recording<Result>(
    _ description: RunDescription, orElse unrecorded: ((DioptraError) -> Void)? = nil,
    _ body: (RunRecord) async throws -> sending Result
  ) async throws -> sending Result {
    try Task.checkCancellation()
    let record = RunRecord(state: self, description: description)
    record.unrecorded = unrecorded
    do {
      let result = try await body(record)
      try record.finish(.succeeded)
      return result
    } catch {
      throw record.end(by: error)
    }
  }

  /// Notes a run around what it does, and does it also where nothing can be noted, such as on a full disk.
  ///
  /// - Parameter note: Is told, once, why history does not know of the run or of its end.
  /// - Throws: What the body throws, which decides the outcome; `DioptraError` of a guard.
  public func recordingIfPossible<Result>(
    _ description: RunDescription, note: @escaping (DioptraError) -> Void, _ body: () async throws -> sending Result
  ) async throws -> sending Result {
    try await recording(description, orElse: note) { record in
      _ = try record.beginIfPossible()
      return try await body()
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
      throw record.end(by: error)
    }
    try record.finish(.succeeded)
  }

  fileprivate static func outcome(of error: any Error) -> RunOutcome? {
    switch error {
    case is CancellationError: nil
    case let error as DioptraError where error.isRefusal: .stopped
    default: .failed
    }
  }
}
