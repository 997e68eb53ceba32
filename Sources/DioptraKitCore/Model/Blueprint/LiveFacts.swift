internal import DioptraSystem

/// What must exist in the running deployment, and a read-only command to check it: it prints a line for each thing that
/// exists.
public struct LiveFacts: Codable, Equatable, Sendable {
  /// The command that lists what exists. One that fails lists nothing.
  public enum Question: Codable, Equatable, Sendable {
    /// A command inside a running service.
    case execute(ServiceName, [Text])
    /// An init service that is run once next to a running service.
    case run(ServiceName, [Text], beside: ServiceName)
  }

  package var question: Question
  /// The lines that the command must print.
  public var expected: [Text]
  /// The step that creates what is missing; nil if only the user can restore it.
  public var step: StepID?

  /// A command, and the lines that it must print: `drift --engine` reports those that are missing.
  public init(_ question: Question, expected: [Text], step: StepID? = nil) {
    self.question = question
    self.expected = expected
    self.step = step
  }
}

extension LiveFacts: Contributed {
  /// What messages call such a value.
  public static let kind = "list of live facts"
  /// The services, the step, and what the texts name.
  public var references: [Reference] {
    let asked: [Reference] =
      switch question {
      case .execute(let service, let command): [.service(service)] + command.references
      case .run(let service, let command, let other):
        [.initService(service), .service(other)] + command.references
      }
    return asked + expected.references + (step.map { [.step($0)] } ?? [])
  }
}

extension Contribution {
  /// What must exist in the running deployment.
  public static func liveFacts(_ value: LiveFacts) -> Self { Self(value) }
}

extension Blueprint {
  /// Everything that must exist in the running deployment, in the order of the components.
  public var liveFacts: [Owned<LiveFacts>] { self[LiveFacts.self] }
}
