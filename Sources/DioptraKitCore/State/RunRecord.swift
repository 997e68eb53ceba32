internal import DioptraModel
public import DioptraSystem

/// One run of a command in the history: it begins when something is about to be changed, and ends with an outcome.
///
/// An interrupted run has no end; later readers see that its process is gone.
package final class RunRecord {
  private let state: State
  private let description: State.RunDescription
  private var id: Int?
  /// Receives the reason why the run is not in the history; nil if that is an error.
  fileprivate var unrecorded: ((DioptraError) -> Void)?
  /// Whether everything could be recorded.
  package private(set) var isComplete = true

  package init(state: State, description: State.RunDescription) {
    self.state = state
    self.description = description
  }

  /// The number of the run, which is recorded when first asked for.
  ///
  /// - Throws: `CancellationError` if the process was asked to end before anything was changed.
  package func begin() throws -> Int {
    if let id { return id }
    try Task.checkCancellation()
    let id = try state.startRun(description, now: .now)
    self.id = id
    return id
  }

  /// The number of the run; nil if the history cannot be written and need not be.
  package func beginIfPossible() throws -> Int? {
    try note { _ = try begin() }
    return id
  }

  /// Records something, if possible.
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

  /// A command that had nothing to do is not a run; one that failed before it could do anything is.
  fileprivate func finish(_ outcome: State.RunOutcome) throws {
    if id == nil, outcome == .succeeded { return }
    try note { try noteEnd(outcome) }
  }

  private func noteEnd(_ outcome: State.RunOutcome) throws {
    let id = try begin()
    // If the start was rolled back together with a failed plan, the history still records the run.
    let noted = try state.hasRun(id) ? id : state.startRun(description, now: .now)
    try state.finishRun(noted, outcome, now: .now)
  }
}

extension RunRecord {
  /// Records the end of a run that failed.
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

/// A guard that stops a run before it changes anything: the run is stopped, not failed.
public struct Refusal: Error {
  /// The error to report.
  public let error: DioptraError

  /// - Parameter error: The error to report.
  package init(_ error: DioptraError) {
    self.error = error
  }
}

extension State {
  /// Records a run around its body.
  ///
  /// - Parameter unrecorded: Receives the reason why the run is not in the history. With it, the run proceeds even if
  ///   State cannot be written, because the disk is full or read-only.
  /// - Throws: Errors of the body, which decide the outcome; `DioptraError` of a guard.
  package func recording<Result>(
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

  /// Records a run around its body, which runs even if nothing can be recorded, for example on a full disk.
  ///
  /// - Parameter note: Receives, once, the reason why the run or its end is not in the history.
  /// - Throws: Errors of the body, which decide the outcome; `DioptraError` of a guard.
  package func recordingIfPossible<Result>(
    _ description: RunDescription, note: @escaping (DioptraError) -> Void, _ body: () async throws -> sending Result
  ) async throws -> sending Result {
    try await recording(description, orElse: note) { record in
      _ = try record.beginIfPossible()
      return try await body()
    }
  }

  /// Records a run around an instantaneous change.
  ///
  /// - Throws: Errors of the body, which decide the outcome.
  package func recording(_ description: RunDescription, change: () throws -> Void) throws {
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
