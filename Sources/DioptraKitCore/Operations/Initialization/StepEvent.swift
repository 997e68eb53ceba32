public import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
public import DioptraState
internal import DioptraSystem

/// What happens while steps run, for those who watch.
public enum StepEvent: Sendable {
  case started(StepID)
  /// A line that a step said, without secrets.
  case said(StepID, String)
  case ended(StepID, StepResult)
  /// Something that does not stop the initialisation and that a person should know.
  case warned(CheckFinding)
}

/// How a step ended.
public struct StepResult: Sendable {
  public let outcome: State.StepOutcome
  /// Completes "Step failed: …"; nil for a step that succeeded.
  public let cause: String?
  public let duration: Duration
  /// What it said at the end, without secrets.
  public let output: String
  let volumes: [String: String]
}
