import DioptraKitCore
import Plugins

/// Shows what an operation reports while it runs.
struct CommandObserver: OperationObserver {
  let output: Output

  func note(_ text: String) { Output.note("Note: \(text)") }

  func warn(_ error: DioptraError) { note(error.description) }

  func notRecorded(_ error: DioptraError) { note("this run is not in the history: \(error.problem).") }

  func completed(_ part: String) { output.say("  \(output.green("✓")) \(part)") }

  func following(
    _ plan: InitPlan, _ body: (@escaping @Sendable (StepEvent) -> Void) async throws -> Void
  ) async throws {
    try await StepProgress.showing(plan, in: output, body)
  }
}

extension GlobalOptions {
  /// What operations need from this process.
  func context() throws -> OperationContext {
    OperationContext(
      registry: try ReferenceDeployment.registry(), platform: Platforms.standard, caller: .current,
      committedIdentity: { try ReferenceDeployment.committedIdentity(in: $0) },
      observer: CommandObserver(output: output))
  }
}
