public import DioptraModel
public import DioptraPlatform
public import DioptraState
public import DioptraSystem

/// What every operation needs from the program that runs it.
public struct OperationContext: Sendable {
  /// The components that the program knows.
  public let registry: ComponentRegistry
  /// The platform of deployments.
  public let platform: any Platform
  /// Who runs the operation, for the history.
  public let caller: State.RunDescription
  /// Recognises a deployment by its committed files, as in a clone without State; nil for other folders.
  public let committedIdentity: @Sendable (ConfinedFolder) throws -> Identity?
  /// The time.
  public let now: @Sendable () -> Timestamp
  /// Observes the operation.
  public let observer: any OperationObserver

  /// By default, no committed files are recognised, the time is the system's, and nothing observes.
  public init(
    registry: ComponentRegistry, platform: any Platform, caller: State.RunDescription,
    committedIdentity: @escaping @Sendable (ConfinedFolder) throws -> Identity? = { _ in nil },
    now: @escaping @Sendable () -> Timestamp = { .now }, observer: any OperationObserver = SilentObserver()
  ) {
    self.registry = registry
    self.platform = platform
    self.caller = caller
    self.committedIdentity = committedIdentity
    self.now = now
    self.observer = observer
  }
}

/// Observes an operation while it runs: a command line shows its events, a test records them.
public protocol OperationObserver: Sendable {
  /// A note; the operation proceeds.
  func note(_ text: String)

  /// A failure that does not end the operation.
  func warn(_ error: DioptraError)

  /// Something that was done but cannot be recorded in the history.
  func notRecorded(_ error: DioptraError)

  /// A completed part of the work.
  func completed(_ part: String)

  /// Runs the due steps of a plan, and receives their events.
  func following(
    _ plan: InitPlan, _ body: (@escaping @Sendable (StepEvent) -> Void) async throws -> Void
  ) async throws
}

extension OperationObserver {
  /// Ignores the note.
  public func note(_ text: String) {}
  /// Ignores the failure.
  public func warn(_ error: DioptraError) {}
  /// Ignores the failure to record.
  public func notRecorded(_ error: DioptraError) {}
  /// Ignores the event.
  public func completed(_ part: String) {}
  /// Runs the steps and ignores their events.
  public func following(
    _ plan: InitPlan, _ body: (@escaping @Sendable (StepEvent) -> Void) async throws -> Void
  ) async throws {
    try await body { _ in }
  }
}

/// Ignores all events.
public struct SilentObserver: OperationObserver {
  /// Keeps nothing of what it receives.
  public init() {}
}
