public import DioptraModel
public import DioptraRendering
package import DioptraSystem

/// Runs single steps of a deployment's initialisation; the caller decides the order.
public protocol StepExecutor: Sendable {
  /// The engine that the steps run on.
  var engine: any Engine { get }
  /// The deployment whose steps they are.
  var deployment: Deployment { get }

  /// Runs a step until it ends or reaches its deadline. Several may run in parallel. An image is fetched in one attempt,
  /// without a report of its bytes; `Engine.fetch` gives one.
  ///
  /// - Parameter eachLine: Receives the step's output line by line, with secrets.
  /// - Throws: `ExecutionFailure`; `CancellationError`.
  func perform(_ step: Step, eachLine: @escaping @Sendable (String) -> Void) async throws

  /// Creates what the steps share, before several of them need it at once.
  func makeReady() async throws

  /// Stops and removes every container of initialisation, except those of other folders.
  func cleanUp() async throws

  /// The container of a service of initialisation; nil if there is none.
  func container(of service: ServiceName) async throws -> String?

  /// The running containers of the deployment's services.
  func runningServices() async throws -> [ServiceName: String]

  /// The ports of this host that the deployment's containers publish.
  func publishedPorts() async throws -> [Int]

  /// Runs a service of initialisation once, next to the running services.
  ///
  /// - Parameter seconds: The time limit.
  func run(_ service: ServiceName, _ arguments: [String], within seconds: Int) async throws -> ProgramOutcome
}

/// Why a step did not succeed.
package struct ExecutionFailure: Error, Equatable, Sendable {
  /// Completes "Step failed: …".
  package let cause: String

  /// What to do about it; empty if that is not known.
  package let remedies: [Remedy]

  /// - Parameters:
  ///   - cause: Completes "Step failed: …"; no full stop.
  ///   - remedies: What to do about it; empty if that is not known.
  package init(cause: String, remedies: [Remedy] = []) {
    self.cause = cause
    self.remedies = remedies
  }
}
