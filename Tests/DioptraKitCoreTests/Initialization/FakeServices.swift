import Testing

@testable import DioptraModel
@testable import DioptraPlatform
@testable import DioptraRendering

/// Does what the scripts of the engine's world say.
struct FakeExecutor: StepExecutor {
  let fake: FakeEngine
  let deployment: Deployment

  var engine: any Engine { fake }

  func perform(_ step: Step, eachLine: @escaping @Sendable (String) -> Void) async throws {
    fake.note("begin \(step.id)")
    try await fake.world.scripts[step.id]?(eachLine)
    fake.note("end \(step.id)")
  }

  func makeReady() async throws { fake.note("make ready") }

  func cleanUp() async throws {
    try Task.checkCancellation()
    fake.note("clean up")
  }

  func container(of service: ServiceName) async throws -> String? { throw unexpected("the container of \(service)") }

  func runningServices() async throws -> [ServiceName: String] { throw unexpected("what runs") }

  func publishedPorts() async throws -> [Int] { throw unexpected("ports") }

  func run(_ service: ServiceName, _ arguments: [String], within seconds: Int) async throws -> ProgramOutcome {
    throw unexpected("\(service)")
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

  func deviations() async throws -> [ServiceDeviation] { [] }

  func up(_ service: String?, recreated: Bool, eachLine: @escaping @Sendable (String) -> Void) async throws {
    fake.note("up \(service ?? "all")\(recreated ? ", recreated" : "")")
  }

  func down(eachLine: @escaping @Sendable (String) -> Void) async throws { fake.note("down \(project)") }

  func lastWords(of service: String) async throws -> String { "  the last words of \(service)" }

  func logs(
    _ service: String?, tail: String, follow: Bool, eachLine: @escaping @Sendable (String) -> Void
  ) async throws {
    Issue.record("nothing here may ask for logs")
  }
}
