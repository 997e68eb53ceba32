package import DioptraModel
package import DioptraRendering
internal import DioptraSystem

/// Runs steps through another executor, except those whose result has come from another machine: it is put in its place,
/// and no network is needed.
package struct PreparedSteps: StepExecutor {
  private let executor: any StepExecutor

  /// - Parameter executor: Runs the other steps, and does everything else.
  package init(_ executor: any StepExecutor) {
    self.executor = executor
  }

  package var engine: any Engine { executor.engine }
  package var deployment: Deployment { executor.deployment }

  package func perform(_ step: Step, eachLine: @escaping @Sendable (String) -> Void) async throws {
    guard let built = deployment.blueprint.builtFiles.map(\.value).first(where: { $0.steps.contains(step.id) }),
      let key = deployment.key(of: built), let image = try deployment.toolImage()
    else { return try await executor.perform(step, eachLine: eachLine) }
    let prepared = PreparedFiles(on: engine, image: image, for: deployment.context.identity.deployment)
    do {
      guard try await prepared.digest(of: key) != nil else {
        return try await executor.perform(step, eachLine: eachLine)
      }
      guard step.id == built.steps.last else {
        return eachLine("not needed: \(built.summary) came with the images, in the volume \(PreparedFiles.volume)")
      }
      try await prepared.fill(deployment.volumeName(built.volume), from: key, within: step.deadline)
      eachLine("\(built.summary) came with the images, in the volume \(PreparedFiles.volume)")
    } catch let error as DioptraError {
      throw ExecutionFailure(cause: error.problem, remedies: error.remedies)
    }
  }

  package func makeReady() async throws { try await executor.makeReady() }
  package func cleanUp() async throws { try await executor.cleanUp() }
  package func container(of service: ServiceName) async throws -> String? {
    try await executor.container(of: service)
  }
  package func runningServices() async throws -> [ServiceName: String] { try await executor.runningServices() }
  package func publishedPorts() async throws -> [Int] { try await executor.publishedPorts() }
  package func run(_ service: ServiceName, _ arguments: [String], within seconds: Int) async throws -> ProgramOutcome {
    try await executor.run(service, arguments, within: seconds)
  }
}
