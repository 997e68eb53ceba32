public import DioptraModel
public import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import FoundationEssentials

/// The services of the running deployment, through Compose, with the user's override file.
public struct RunningServices: Sendable {
  private let engine: DockerEngine
  private let deployment: Deployment
  private let secrets: SecretValues

  public init(of deployment: Deployment, on engine: DockerEngine, secrets: SecretValues) {
    self.deployment = deployment
    self.engine = engine
    self.secrets = secrets
  }

  /// How one service stands.
  public struct Status: Codable, Equatable, Sendable {
    public let service: String
    /// `running`, `exited`, `restarting`, …; `absent` for a service without a container.
    public let state: String
    /// `healthy`, `unhealthy` or `starting`; empty for a service without a health check.
    public let health: String
    public let image: String
    /// Ports of the host, such as `127.0.0.1:80->30080/tcp`.
    public let ports: [String]

    /// Whether the service does its work: it is running, and healthy if it can tell.
    public var isWell: Bool { state == "running" && (health.isEmpty || health == "healthy") }
  }

  // MARK: Looking

  /// The services that the Compose files have, the user's own too, in the order of their names.
  public func names() async throws -> [String] {
    let found = try await engine.docker.composeCommand(.running, ["config", "--services"]).outcome()
    guard found.succeeded else {
      throw try await MergedProject.fault(found.errors, engine.docker, hiding: secrets)
    }
    return found.output.split(whereSeparator: \.isNewline).map(String.init).sorted()
  }

  /// The name of the service that a person means, with or without the deployment's prefix.
  public func name(_ word: String) async throws -> String {
    let names = try await names()
    let prefix = "\(deployment.configuration.slug)-"
    if let name = names.first(where: { $0 == word || $0 == prefix + word }) { return name }
    let short = names.map { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0 }
    throw DioptraError(
      "there is no service \(word.quoted)",
      remedy: nearest(word, in: short).map { "Perhaps \($0) is meant" } ?? "One of: \(short.joined(separator: ", "))")
  }

  /// How every service stands.
  public func statuses() async throws -> [Status] {
    try await statuses(of: try await names())
  }

  private func statuses(of names: [String]) async throws -> [Status] {
    let found = try await engine.docker.composeCommand(.running, ["ps", "--all", "--format", "json"]).outcome()
    guard found.succeeded else {
      throw DioptraError(
        "Compose cannot list the services: \(found.errors.lastLine)", remedy: "Check that the Docker engine is well")
    }
    let containers = try Dictionary(Self.containers(found.output).map { ($0.service, $0) }) { first, _ in first }
    return names.map { name in
      containers[name]?.status
        ?? Status(service: name, state: "absent", health: "", image: "", ports: [])
    }
  }

  private struct Container: Decodable {
    let service: String
    let state: String
    let health: String
    let image: String
    let publishers: [Publisher]?

    struct Publisher: Decodable {
      let host: String
      let port: Int
      let published: Int

      enum CodingKeys: String, CodingKey {
        case host = "URL"
        case port = "TargetPort"
        case published = "PublishedPort"
      }
    }

    enum CodingKeys: String, CodingKey {
      case service = "Service"
      case state = "State"
      case health = "Health"
      case image = "Image"
      case publishers = "Publishers"
    }

    var status: Status {
      let ports = (publishers ?? []).filter { $0.published > 0 }.map { "\($0.host):\($0.published)->\($0.port)/tcp" }
      return Status(service: service, state: state, health: health, image: image, ports: Set(ports).sorted())
    }
  }

  /// Newer versions of Compose write an object a line, older ones a list.
  private static func containers(_ text: String) throws -> [Container] {
    if text.hasPrefix("[") { return try JSONDecoder().decode([Container].self, from: Data(text.utf8)) }
    return try text.split(separator: "\n").map { try JSONDecoder().decode(Container.self, from: Data($0.utf8)) }
  }

  // MARK: Changing

  /// See `Lifecycle.start`.
  package func up(
    _ service: String?, recreated: Bool, eachLine: @escaping @Sendable (String) -> Void
  ) async throws {
    let words = (recreated ? ["--force-recreate"] : []) + (service.map { ["--no-deps", $0] } ?? ["--remove-orphans"])
    try await call(["up", "--detach"] + words, "the services cannot be started", eachLine)
  }

  /// See `Lifecycle.stop`.
  package func down(eachLine: @escaping @Sendable (String) -> Void) async throws {
    let words = ["down", "--remove-orphans"]
    guard try await !isReadable() else { return try await call(words, "the services cannot be stopped", eachLine) }
    // Compose knows what a project's containers are without its files, too.
    let command = DockerCommand(engine.docker.working(in: try await engine.projectName()), in: "/")
    let services = RunningServices(of: deployment, on: engine.called(by: command), secrets: secrets)
    try await services.call(words, "the services cannot be stopped", eachLine)
  }

  /// Whether Compose understands the deployment's files, with the user's override.
  private func isReadable() async throws -> Bool {
    try await engine.docker.composeCommand(.running, ["config", "--quiet"]).outcome().succeeded
  }

  /// Waits until every service is well.
  ///
  /// - Parameters:
  ///   - seconds: How long.
  ///   - well: Gets each service as it becomes well.
  /// - Throws: `DioptraError` that names the services that are not; `CancellationError`.
  public func waitUntilWell(within seconds: Int, well: (Status) -> Void) async throws {
    let end = ContinuousClock.now + .seconds(seconds)
    let names = try await self.names()
    var told: Set<String> = []
    while true {
      let statuses = try await self.statuses(of: names)
      for status in statuses where status.isWell && told.insert(status.service).inserted { well(status) }
      let others = statuses.filter { !$0.isWell }
      guard let first = others.first else { return }
      guard ContinuousClock.now < end else {
        let list = others.map { "\($0.service) (\($0.health.isEmpty ? $0.state : $0.health))" }.joined(separator: ", ")
        throw DioptraError(
          "not all services became healthy within \(seconds) seconds: \(list)\n"
            + "\(first.service) said at the end:\n\(try await lastWords(of: first.service))\n",
          remedy: "Look further with `dioptra logs \(first.service)`, or wait longer with --timeout")
      }
      try await Task.sleep(for: .seconds(2))
    }
  }

  private func lastWords(of service: String) async throws -> String {
    let output = StepOutput(hiding: secrets)
    let words = ["logs", "--no-color", "--no-log-prefix", "--tail", "10", service]
    _ = try await engine.docker.composeCommand(.running, words).run { _ = output.add("  \($0)") }
    return output.text
  }

  /// The services' logs, without secrets.
  ///
  /// - Parameters:
  ///   - follow: Whether to go on with what they say from now on, until the task is cancelled.
  public func logs(
    _ service: String?, tail: String, follow: Bool, eachLine: @escaping @Sendable (String) -> Void
  ) async throws {
    let words = ["logs", "--no-color", "--tail", tail] + (follow ? ["--follow"] : []) + (service.map { [$0] } ?? [])
    try await call(words, "the logs cannot be read", eachLine)
  }

  private func call(
    _ words: [String], _ problem: String, _ eachLine: @escaping @Sendable (String) -> Void
  ) async throws {
    let output = StepOutput(hiding: secrets)
    let command = engine.docker.composeCommand(.running, ["--progress", "plain"] + words)
    let status = try await command.run { eachLine(output.add($0)) }
    guard status == 0 else {
      throw DioptraError("\(problem): \(output.text.lastLine)", remedy: "See `dioptra ps` and `dioptra logs`")
    }
  }
}
