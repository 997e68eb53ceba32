public import DioptraModel
public import DioptraRendering

/// Runs the steps of a deployment's initialisation, each by itself: their order is the caller's matter.
public protocol StepExecutor: Sendable {
  var engine: any Engine { get }
  var deployment: Deployment { get }

  /// Runs a step to its end or its deadline. Several may run at the same time.
  ///
  /// - Parameter eachLine: Gets what the step says, as it says it, with secrets.
  /// - Throws: `ExecutionFailure`; `CancellationError`.
  func perform(_ step: Step, eachLine: @escaping @Sendable (String) -> Void) async throws

  /// Makes what the steps share, before several of them want it at once.
  func makeReady() async throws

  /// Ends and removes every container of initialisation. One of another folder's is left alone.
  func cleanUp() async throws

  /// The container of a service of initialisation; nil where there is none.
  func container(of service: ServiceName) async throws -> String?

  /// The containers of the deployment's services that run.
  func runningServices() async throws -> [ServiceName: String]

  /// The ports of this host that containers of the deployment publish.
  func publishedPorts() async throws -> [Int]

  /// Runs a service of initialisation once, to its end, beside what runs.
  ///
  /// - Parameter seconds: The time that it has.
  func run(_ service: ServiceName, _ arguments: [String], within seconds: Int) async throws -> ProgramOutcome
}

/// Why a step did not succeed.
public struct ExecutionFailure: Error, Equatable, Sendable {
  /// Completes "Step failed: …".
  public let cause: String

  public init(cause: String) {
    self.cause = cause
  }
}
