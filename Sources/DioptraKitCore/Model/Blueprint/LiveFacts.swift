internal import DioptraSystem

/// What must be there on the running deployment, and how one sees it without changing anything: a command that prints a
/// line for each thing that is there.
public struct LiveFacts: Codable, Equatable, Sendable {
  public enum Question: Codable, Equatable, Sendable {
    /// A command inside a running service.
    case execute(ServiceName, [Text])
    /// An init service that is run once beside a running service.
    case run(ServiceName, [Text], beside: ServiceName)
  }

  public var question: Question
  /// The lines that must be among those that the command prints.
  public var expected: [Text]
  /// The step that makes what is missing; nil for what only a person can bring back.
  public var step: StepID?

  public init(_ question: Question, expected: [Text], step: StepID? = nil) {
    self.question = question
    self.expected = expected
    self.step = step
  }
}

extension LiveFacts: Contributed {
  public static let kind = "list of live facts"
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
  /// What must be there on the running deployment.
  public static func liveFacts(_ value: LiveFacts) -> Self { Self(value) }
}

extension Blueprint {
  public var liveFacts: [Owned<LiveFacts>] { self[LiveFacts.self] }
}
