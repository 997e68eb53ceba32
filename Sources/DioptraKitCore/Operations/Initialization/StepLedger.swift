internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// Records the progress of steps in State.
struct StepLedger {
  let state: State
  /// The run that the steps are part of.
  let run: Int
  /// The id of the engine.
  let engine: String

  func start(_ entry: InitPlan.Entry) throws {
    try state.startStep(entry.step, run: run, engine: engine, inputs: entry.inputs.values, now: .now)
  }

  func finish(_ id: StepID, _ result: StepResult) throws {
    let (seconds, attoseconds) = result.duration.components
    try state.finishStep(
      id, run: run, result.outcome, volumes: result.volumes, output: result.output,
      duration: Double(seconds) + Double(attoseconds) / 1e18, now: .now)
  }
}
