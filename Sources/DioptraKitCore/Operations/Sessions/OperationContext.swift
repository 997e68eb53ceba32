public import DioptraModel
public import DioptraPlatform
public import DioptraState
public import DioptraSystem

/// What every operation needs from the program that runs it.
public struct OperationContext: Sendable {
  /// The components that the program knows.
  public let registry: ComponentRegistry
  /// What deployments run on.
  public let platform: any Platform
  /// Who runs the operation, as history records it.
  public let caller: State.RunDescription
  /// Recognises a deployment by its committed files, such as in a clone without State; nil for a folder that is none.
  public let committedIdentity: @Sendable (ConfinedFolder) throws -> Identity?
  /// The time.
  public let now: @Sendable () -> Timestamp
  /// Follows the operation.
  public let observer: any OperationObserver

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

/// Follows an operation while it runs: a command line shows what it is told, a test notes it.
public protocol OperationObserver: Sendable {
  /// Something worth knowing that does not end the operation.
  func note(_ text: String)

  /// Something that failed and does not end the operation.
  func warn(_ error: DioptraError)

  /// Something that history cannot record, although it is done.
  func notRecorded(_ error: DioptraError)

  /// A part of the work that is done.
  func completed(_ part: String)

  /// Runs the steps of a plan that are due, and is told of each.
  func following(
    _ plan: InitPlan, _ body: (@escaping @Sendable (StepEvent) -> Void) async throws -> Void
  ) async throws
}

extension OperationObserver {
  public func note(_ text: String) {}
  public func warn(_ error: DioptraError) {}
  public func notRecorded(_ error: DioptraError) {}
  public func completed(_ part: String) {}
  public func following(
    _ plan: InitPlan, _ body: (@escaping @Sendable (StepEvent) -> Void) async throws -> Void
  ) async throws {
    try await body { _ in }
  }
}

/// Ignores everything it is told.
public struct SilentObserver: OperationObserver {
  public init() {}
}
