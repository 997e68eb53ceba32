import Testing

@testable import DioptraModel
@testable import DioptraPlatform
@testable import DioptraRendering
@testable import DioptraSystem

/// Does what the scripts of the engine's world say.
struct FakeExecutor: StepExecutor {
  let fake: FakeEngine
  let deployment: Deployment

  var engine: any Engine { fake }

  func perform(_ step: Step, eachLine: @escaping @Sendable (String) -> Void) async throws {
    if case .start(let service, _) = step.action {
      // Half of it is there also where it fails.
      fake.change { $0.started[service] = "the started \(service)" }
    }
    do {
      try fake.call("perform \(step.id)")
    } catch let error as DioptraError {
      throw ExecutionFailure(cause: error.problem)
    }
    fake.note("begin \(step.id)")
    try await fake.world.scripts[step.id]?(eachLine)
    if step.action == .stop { fake.change { $0.started = [:] } }
    fake.note("end \(step.id)")
  }

  /// Volumes that are not there are made.
  func makeReady() async throws {
    try fake.call("make ready")
    fake.change { world in
      for name in deployment.lastingVolumes where world.volumes[name] == nil {
        world.volumes[name] = VolumeFacts(
          name: name, owner: deployment.context.identity.deployment, ownInstance: "new \(name)", createdAt: nil)
      }
    }
    fake.note("make ready")
  }

  func cleanUp() async throws {
    try fake.call("clean up")
    fake.change { $0.started = [:] }
    fake.note("clean up")
  }

  func container(of service: ServiceName) async throws -> String? {
    try fake.call("container of \(service)")
    return fake.world.started[service]
  }

  func runningServices() async throws -> [ServiceName: String] {
    try fake.call("running services")
    return fake.world.running
  }

  func publishedPorts() async throws -> [Int] { throw unexpected("ports") }

  func run(_ service: ServiceName, _ arguments: [String], within seconds: Int) async throws -> ProgramOutcome {
    guard let answer = fake.world.answers[service.rawValue] else { throw unexpected("\(service)") }
    try fake.call("run \(service)")
    fake.note("run \(([service.rawValue] + arguments).joined(separator: " "))")
    return answer.outcome
  }

  private func unexpected(_ call: String) -> FakeEngine.Unexpected {
    Issue.record("the executor is asked for \(call), which nothing here may do")
    return FakeEngine.Unexpected()
  }
}

/// Services with the status that the fake engine gives them.
struct FakeServices: RunningServices {
  let fake: FakeEngine
  let deployment: Deployment
  let project: String

  func names() async throws -> [String] { fake.world.looks.first?.map(\.service) ?? [] }

  func statuses(of names: [String]) async throws -> [ServiceStatus] {
    var look: [ServiceStatus] = []
    fake.change { world in look = world.looks.count > 1 ? world.looks.removeFirst() : world.looks.first ?? [] }
    return look.filter { names.contains($0.service) }
  }

  func change(within limit: Duration) async throws { try await Task.sleep(for: limit) }

  func deviations() async throws -> [ServiceDeviation] {
    try fake.call("deviations")
    return fake.world.deviations
  }

  func up(_ service: String?, recreated: Bool, eachLine: @escaping @Sendable (String) -> Void) async throws {
    try fake.call("up")
    fake.note("up \(service ?? "all")\(recreated ? ", recreated" : "")")
  }

  func down(eachLine: @escaping @Sendable (String) -> Void) async throws {
    try fake.call("down")
    fake.change { $0.running = [:] }
    fake.note("down \(project)")
  }

  func lastWords(of service: String) async throws -> String { "  the last words of \(service)" }

  func logs(
    _ service: String?, tail: String, follow: Bool, eachLine: @escaping @Sendable (String) -> Void
  ) async throws {
    Issue.record("nothing here may ask for logs")
  }
}
