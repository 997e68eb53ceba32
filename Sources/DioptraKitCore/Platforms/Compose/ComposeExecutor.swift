package import DioptraModel
package import DioptraPlatform
package import DioptraRendering
internal import DioptraSystem
internal import Synchronization

/// Runs single steps on an engine through Compose.
package struct ComposeExecutor: StepExecutor {
  private let docker: DockerEngine
  package let deployment: Deployment
  /// Two calls that start services could both try to create the network.
  private let starting = SerialQueue()
  private let hasNetworks = Flag()

  package init(docker: DockerEngine, deployment: Deployment) {
    self.docker = docker
    self.deployment = deployment
  }

  package var engine: any Engine { docker }

  package func perform(_ step: Step, eachLine: @escaping @Sendable (String) -> Void) async throws {
    switch step.action {
    case .fetch(let image):
      try await docker.fetch(try deployment.plainTexts([image])[0]) { _ in }
    case .run(let service, let texts):
      let arguments = try deployment.plainTexts(texts)
      try await within(step.deadline) {
        try await makeNetworks(for: service)
        try await compose(["run", "--rm", "--no-deps", "-T", service.rawValue] + arguments, eachLine)
      }
    case .start(let service, let probe):
      try await start(service, probe: try deployment.plainTexts(probe), deadline: step.deadline, eachLine)
    case .execute(let service, let command):
      let arguments = try deployment.plainTexts(command)
      try await within(step.deadline) {
        try await succeed(docker.docker(["exec", try await presentContainer(of: service)] + arguments), eachLine)
      }
    case .stop:
      try await within(step.deadline) { try await docker.remove(try await containers().map(\.id)) }
    }
  }

  package func cleanUp() async throws {
    let folder = deployment.context.identity.folder
    let own = try await containers().filter { $0.workingDirectory.map { DeploymentFolder.isSame($0, folder) } ?? true }
    try await docker.remove(own.map(\.id))
  }

  /// The containers of initialisation, of this run or of a process that is gone.
  private func containers(of service: ServiceName? = nil) async throws -> [ContainerFacts] {
    let label = "label=\(DockerEngine.deploymentLabel)=\(deployment.context.identity.deployment)"
    let found = try await docker.containers(all: true, [label])
    guard let service else { return found }
    return found.filter { $0.service == service.rawValue }
  }

  package func runningServices() async throws -> [ServiceName: String] {
    let project = "label=com.docker.compose.project=\(try await docker.projectName())"
    let prefix = deployment.serviceName("")
    return try await docker.containers(all: false, [project]).reduce(into: [:]) { running, container in
      guard let service = container.service, service.hasPrefix(prefix) else { return }
      running[ServiceName(String(service.dropFirst(prefix.count)))] = container.id
    }
  }

  package func publishedPorts() async throws -> [Int] {
    let project = "label=com.docker.compose.project=\(try await docker.projectName())"
    let found = try await docker.docker(["ps", "--filter", project, "--format", "{{.Ports}}"]).outcome()
    // Adjacent ports are written as one range: 127.0.0.1:39000-39001->39000-39001/tcp.
    return found.output.matches(of: /:(\d+)(?:-(\d+))?->/).flatMap { match -> [Int] in
      guard let first = Int(match.output.1) else { return [] }
      return Array(first...max(first, match.output.2.flatMap { Int($0) } ?? first))
    }
  }

  package func container(of service: ServiceName) async throws -> String? {
    try await containers(of: service).first?.id
  }

  private func presentContainer(of service: ServiceName) async throws -> String {
    guard let container = try await container(of: service) else {
      throw ExecutionFailure(cause: "the container of \(service) is gone")
    }
    return container
  }

  package func run(_ service: ServiceName, _ arguments: [String], within seconds: Int) async throws -> ProgramOutcome {
    let arguments = ["--progress", "quiet", "run", "--rm", "--no-deps", "-T", service.rawValue] + arguments
    return ProgramOutcome(try await docker.docker.composeCommand(.initializing, arguments).outcome(within: seconds))
  }

  package func makeReady() async throws {
    try await makeVolumes(of: try await docker.projectName())
  }

  /// Lets Compose create the networks, before the first step in any service: each of several parallel calls would create
  /// all networks, used by its service or not.
  ///
  /// - Parameter service: One whose image the engine has.
  private func makeNetworks(for service: ServiceName) async throws {
    try await starting.pass {
      guard !hasNetworks.isSet else { return }
      try await makeNetworks(with: service)
      hasNetworks.set()
    }
  }

  /// Compose creates networks only together with a container.
  private func makeNetworks(with service: ServiceName) async throws {
    let names = deployment.blueprint.networks.map { deployment.networkName($0.value) }
    guard try await !docker.networks().isSuperset(of: names) else { return }
    let made = try await docker.docker.composeCommand(.initializing, ["create", service.rawValue]).outcome()
    guard made.succeeded else {
      throw DioptraError(
        .engineFailed, "the deployment's network cannot be made: \(made.errors.lastLine)",
        remedy: "See \(run: "docker", "network", "ls") for networks that conflict with it")
    }
    try await docker.remove(try await containers(of: service).map(\.id))
  }

  /// Creates the missing volumes.
  private func makeVolumes(of project: String) async throws {
    let volumes = deployment.blueprint.volumes.map(\.value.name)
    let existing = try await docker.volumes(volumes.map(deployment.volumeName))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for volume in volumes where existing[deployment.volumeName(volume)] == nil {
        group.addTask { try await docker.makeVolume(volume, of: deployment, in: project) }
      }
      try await group.waitForAll()
    }
  }

  // MARK: Services

  private func start(
    _ service: ServiceName, probe: [String], deadline: Int, _ eachLine: @escaping @Sendable (String) -> Void
  ) async throws {
    let end = ContinuousClock.now + .seconds(deadline)
    do {
      try await within(deadline) {
        try await makeNetworks(for: service)
        try await starting.pass { try await compose(["up", "--detach", "--no-deps", service.rawValue], eachLine) }
        let container = try await presentContainer(of: service)
        try await waitUntilReady(container, service, probe)
      }
    } catch let failure as ExecutionFailure {
      try await tellLog(of: service, eachLine)
      throw ContinuousClock.now < end
        ? failure : ExecutionFailure(cause: "\(service) was not ready after \(deadline) seconds")
    }
  }

  private func waitUntilReady(_ container: String, _ service: ServiceName, _ probe: [String]) async throws {
    var pause = Duration.milliseconds(100)
    while try await !docker.docker(["exec", container] + probe).outcome().succeeded {
      let state = try await docker.docker(
        "inspect", "--format", names: ["{{.State.Status}} {{.State.ExitCode}}", container]
      )
      .outcome().output.split(whereSeparator: \.isWhitespace)
      guard let word = state.first, word != "exited", word != "dead" else {
        throw ExecutionFailure(cause: "\(service) ended by itself, with status \(state.last ?? "unknown")")
      }
      try await Task.sleep(for: pause)
      pause = min(pause * 3 / 2, .seconds(1))
    }
  }

  private func tellLog(of service: ServiceName, _ eachLine: @Sendable (String) -> Void) async throws {
    guard let container = try await containers(of: service).first else { return }
    for line in try await docker.log(of: container.id) { eachLine(line) }
  }

  // MARK: Calls

  private func compose(_ arguments: [String], _ eachLine: @escaping @Sendable (String) -> Void) async throws {
    try await succeed(docker.docker.composeCommand(.initializing, ["--progress", "quiet"] + arguments), eachLine)
  }

  private func succeed(_ command: ExternalCommand, _ eachLine: @escaping @Sendable (String) -> Void) async throws {
    let status = try await command.run(eachLine: eachLine)
    guard status == 0 else { throw ExecutionFailure(cause: "it ended with status \(status)") }
  }

  private func within(_ seconds: Int, _ body: @escaping @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await body() }
      group.addTask {
        try await Task.sleep(for: .seconds(seconds))
        throw ExecutionFailure(cause: "it was not done after \(seconds) seconds")
      }
      defer { group.cancelAll() }
      try await group.next()
    }
  }
}

/// Whether something has been done.
private final class Flag: Sendable {
  private let value = Mutex(false)

  var isSet: Bool { value.withLock { $0 } }

  func set() { value.withLock { $0 = true } }
}

/// Runs bodies one at a time, in the order of arrival.
private actor SerialQueue {
  private var last: Task<Void, any Error>?

  func pass(_ body: @escaping @Sendable () async throws -> Void) async throws {
    let before = last
    let task = Task {
      _ = await before?.result
      try Task.checkCancellation()
      try await body()
    }
    last = task
    try await withTaskCancellationHandler {
      try await task.value
    } onCancel: {
      task.cancel()
    }
  }
}
