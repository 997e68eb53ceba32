public import DioptraPlatform
internal import DioptraState
public import DioptraSystem

/// Starts and stops the services of a deployment.
public struct LifecycleOperation {
  private let folder: ConfinedFolder
  private let context: OperationContext

  /// Nothing happens before `start`, `restart` or `stop`.
  public init(_ folder: ConfinedFolder, in context: OperationContext) {
    self.folder = folder
    self.context = context
  }

  /// Starts the services.
  ///
  /// - Parameters:
  /// - seconds: How long to wait until every service is healthy; nil not to wait.
  /// - eachLine: Receives the platform's output.
  /// - well: Called for each service that becomes healthy.
  /// - Returns: The deployment with its services.
  public func start(
    waiting seconds: Int? = nil, eachLine: @escaping @Sendable (String) -> Void = { _ in },
    well: (ServiceStatus) -> Void = { _ in }
  ) async throws -> ConfiguredSession {
    let session = try open("dioptra start")
    let lifecycle = try await session.lifecycle()
    try await session.state.recording(context.caller) { record in
      try await noteDueSteps(lifecycle)
      _ = try record.begin()
      try await lifecycle.start(eachLine: eachLine)
      if let seconds { try await lifecycle.services.waitUntilWell(within: seconds, well: well) }
    }
    return session
  }

  /// Recreates and restarts all services, or one.
  ///
  /// - Parameter service: With or without the deployment's prefix.
  /// - Returns: The full name of the service, and the services.
  public func restart(
    _ service: String?, eachLine: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws -> (name: String?, services: any RunningServices) {
    let session = try open("dioptra restart", allowing: .unrecorded)
    let lifecycle = try await session.lifecycle()
    let name = if let service { try await lifecycle.services.name(service) } else { nil as String? }
    try await session.state.recordingIfPossible(context.caller, note: context.observer.notRecorded) {
      try await noteDueSteps(lifecycle)
      try await lifecycle.start(name, recreated: true, eachLine: eachLine)
    }
    return (name, lifecycle.services)
  }

  /// Stops the services and keeps their data.
  public func stop(eachLine: @escaping @Sendable (String) -> Void = { _ in }) async throws -> any RunningServices {
    let session = try open("dioptra stop", allowing: [.duringRestoration, .unrecorded])
    let lifecycle = try await session.lifecycle()
    try await session.state.recordingIfPossible(context.caller.keepingBackup, note: context.observer.notRecorded) {
      try await lifecycle.stop(eachLine: eachLine)
    }
    return lifecycle.services
  }

  private func open(
    _ command: String, allowing exceptions: DeploymentSession.Exceptions = []
  ) throws -> ConfiguredSession {
    try ConfiguredSession(
      writing: command, in: folder, context, allowing: exceptions)
  }

  /// Refuses what must not be started, and notes what the services will lack.
  private func noteDueSteps(_ lifecycle: Lifecycle) async throws {
    let due = try await lifecycle.checkStart(context.registry)
    guard !due.isEmpty else { return }
    context.observer.note(
      "\(due.count) \(due.count == 1 ? "step is" : "steps are") due and will not have their effect until "
        + "`dioptra stop`, `dioptra init`, `dioptra start`; see `dioptra steps`.")
  }
}
