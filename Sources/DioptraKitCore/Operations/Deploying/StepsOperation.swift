internal import DioptraModel
internal import DioptraRendering
internal import DioptraState
public import DioptraSystem

/// Runs chosen steps of initialisation, even if they are up to date.
public struct StepsOperation {
  private let request: StepRequest
  private let context: OperationContext

  /// Nothing happens before `run`.
  public init(_ request: StepRequest, in context: OperationContext) {
    self.request = request
    self.context = context
  }

  /// Runs the requested steps as one run in the history. Needs a usable engine.
  ///
  /// - Throws: `DioptraError`, also if there is no such step, or one fails; `CancellationError`.
  public func run(_ folder: ConfinedFolder) async throws {
    let session = try ConfiguredSession(
      writing: "dioptra steps", in: folder, context)
    try session.state.requireUpToDate(context.registry, for: session.deployment.configuration)
    let initialization = Initialization(of: session.deployment, in: folder, on: try await session.engine())
    try await initialization.sweep()
    let plan = try await initialization.plan(state: session.state, request: request)
    let secrets = try session.state.secretsInOutput(of: session.deployment, in: folder)
    try await session.state.recording(context.caller) { record in
      try await context.observer.following(plan) { watch in
        try await initialization.run(
          plan, state: session.state, run: record, secrets: secrets, watch: watch)
      }
    }
  }
}
