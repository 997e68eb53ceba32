public import DioptraModel
public import DioptraPlatform
internal import DioptraRendering
public import DioptraState
public import DioptraSystem

/// The events of running steps.
public enum StepEvent: Sendable {
  case started(StepID)
  /// A line of a step's output, without secrets.
  case said(StepID, String)
  /// How far the fetching of an image has come.
  case fetched(StepID, FetchProgress)
  case ended(StepID, StepResult)
  /// A warning that does not stop the initialisation.
  case warned(CheckFinding)
}

/// How a step ended.
public struct StepResult: Sendable {
  /// Whether the step succeeded.
  public let outcome: State.StepOutcome
  /// Completes "Step failed: …"; nil for a step that succeeded.
  public let cause: String?
  /// What to do about the cause; empty if that is not known.
  public let remedies: [Remedy]
  /// How long the step took.
  public let duration: Duration
  /// The end of its output, without secrets.
  public let output: String
  let volumes: [String: String]
}
