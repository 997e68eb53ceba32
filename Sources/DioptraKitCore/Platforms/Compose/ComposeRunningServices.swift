package import DioptraModel
package import DioptraPlatform
package import DioptraRendering
internal import DioptraSystem
internal import FoundationEssentials

/// The services of the running deployment, through Compose, with the user's override file.
package struct ComposeRunningServices: RunningServices {
  let engine: DockerEngine
  package let deployment: Deployment
  let secrets: SecretValues

  package init(of deployment: Deployment, on engine: DockerEngine, secrets: SecretValues) {
    self.deployment = deployment
    self.engine = engine
    self.secrets = secrets
  }

  // MARK: Queries

  package func names() async throws -> [String] {
    let found = try await engine.docker.composeCommand(.running, ["config", "--services"]).outcome()
    guard found.succeeded else {
      throw try await ComposeReading.fault(found.errors, engine.docker, hiding: secrets)
    }
    return found.output.split(whereSeparator: \.isNewline).map(String.init).sorted()
  }

  package func statuses(of names: [String]) async throws -> [ServiceStatus] {
    let label = "\(DockerEngine.projectLabel)=\(try await engine.projectName())"
    let containers = try await engine.listed(all: true, ["label": [label]])
    let statuses = Dictionary(containers.compactMap(\.status).map { ($0.service, $0) }) { first, _ in first }
    return names.map { name in
      statuses[name] ?? ServiceStatus(service: name, state: "absent", health: "", image: "", ports: [])
    }
  }

  /// Listens to the engine's events.
  package func change(within limit: Duration) async throws {
    struct Happened: Error {}
    let filters = [
      "label": ["\(DockerEngine.projectLabel)=\(try await engine.projectName())"], "type": ["container"],
      "event": ["start", "die", "destroy", "health_status"],
    ]
    let query = [("filters", String(decoding: try JSONEncoder().encode(filters), as: UTF8.self))]
    let start = ContinuousClock.now
    do {
      try await within(limit) { [engine] in
        _ = try await engine.api.stream("/events", EngineAPI.Call(query: query)) { _, _ in throw Happened() }
      }
    } catch is Happened {
      return
    } catch is CancellationError {
      try Task.checkCancellation()
    } catch {
      // Without events, time has to do.
      try await Task.sleep(for: limit - (ContinuousClock.now - start))
    }
  }

  // MARK: Changes

  package func up(
    _ service: String?, recreated: Bool, eachLine: @escaping @Sendable (String) -> Void
  ) async throws {
    let arguments =
      (recreated ? ["--force-recreate"] : []) + (service.map { ["--no-deps", $0] } ?? ["--remove-orphans"])
    try await call(["up", "--detach"] + arguments, "the services cannot be started", eachLine)
  }

  package func down(eachLine: @escaping @Sendable (String) -> Void) async throws {
    let arguments = ["down", "--remove-orphans"]
    guard try await !isReadable() else { return try await call(arguments, "the services cannot be stopped", eachLine) }
    // Compose finds a project's containers even without its files.
    let command = DockerCommand(engine.docker.working(in: try await engine.projectName()), in: "/")
    let services = ComposeRunningServices(of: deployment, on: engine.called(by: command), secrets: secrets)
    try await services.call(arguments, "the services cannot be stopped", eachLine)
  }

  /// Whether Compose can read the deployment's files, with the user's override.
  private func isReadable() async throws -> Bool {
    try await engine.docker.composeCommand(.running, ["config", "--quiet"]).outcome().succeeded
  }

  package func lastWords(of service: String) async throws -> String {
    let output = StepOutput(hiding: secrets)
    let arguments = ["logs", "--no-color", "--no-log-prefix", "--tail", "10", service]
    _ = try await engine.docker.composeCommand(.running, arguments).run { _ = output.add("  \($0)") }
    return output.text
  }

  package func logs(
    _ service: String?, tail: String, follow: Bool, eachLine: @escaping @Sendable (String) -> Void
  ) async throws {
    let arguments =
      ["logs", "--no-color", "--tail", tail] + (follow ? ["--follow"] : []) + (service.map { [$0] } ?? [])
    try await call(arguments, "the logs cannot be read", eachLine)
  }

  private func call(
    _ arguments: [String], _ problem: String, _ eachLine: @escaping @Sendable (String) -> Void
  ) async throws {
    let output = StepOutput(hiding: secrets)
    let command = engine.docker.composeCommand(.running, ["--progress", "plain"] + arguments)
    let status = try await command.run { eachLine(output.add($0)) }
    guard status == 0 else {
      throw DioptraError(
        .engineFailed, "\(problem): \(output.text.lastLine)", remedy: "See \(dioptra: "ps") and \(dioptra: "logs")")
    }
  }
}
