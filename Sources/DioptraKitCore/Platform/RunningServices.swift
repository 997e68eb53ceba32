internal import DioptraModel
public import DioptraRendering
internal import DioptraSystem

/// The services of the running deployment, including the user's own. Their names are the platform's, with the
/// deployment's prefix. Their output contains no secrets.
public protocol RunningServices: Sendable {
  /// The deployment that the services belong to.
  var deployment: Deployment { get }

  /// The services in the deployment's files, sorted by name.
  func names() async throws -> [String]

  /// The status of some services, sorted by name.
  func statuses(of names: [String]) async throws -> [ServiceStatus]

  /// Waits until the status of a service may have changed, or for a while.
  func change(within limit: Duration) async throws

  /// How the running services differ from the files; empty if none is running.
  func deviations() async throws -> [ServiceDeviation]

  /// Creates and starts the containers of all services, or of one. Containers of removed services are deleted.
  ///
  /// - Parameter recreated: Whether to recreate unchanged containers, too.
  func up(_ service: String?, recreated: Bool, eachLine: @escaping @Sendable (String) -> Void) async throws

  /// Stops the services and removes their containers, even if the files are unreadable. Volumes are kept.
  func down(eachLine: @escaping @Sendable (String) -> Void) async throws

  /// The last lines that a service wrote, indented.
  func lastWords(of service: String) async throws -> String

  /// The services' logs.
  ///
  /// - Parameter follow: Whether to follow the output until the task is cancelled.
  func logs(
    _ service: String?, tail: String, follow: Bool, eachLine: @escaping @Sendable (String) -> Void
  ) async throws
}

/// The status of one service.
public struct ServiceStatus: Codable, Equatable, Sendable {
  /// The platform's name for it, with the deployment's prefix.
  public let service: String
  /// `running`, `exited`, `restarting`, …; `absent` for a service without a container.
  public let state: String
  /// `healthy`, `unhealthy` or `starting`; empty for a service without a health check.
  public let health: String
  /// The image that its container runs; empty for a service without a container.
  public let image: String
  /// Ports of the host, such as `127.0.0.1:80->30080/tcp`.
  public let ports: [String]

  /// A service without a container has the state `absent`, and everything else empty.
  package init(service: String, state: String, health: String, image: String, ports: [String]) {
    self.service = service
    self.state = state
    self.health = health
    self.image = image
    self.ports = ports
  }

  /// Whether the service works: it is running, and healthy if it has a health check.
  package var isWell: Bool { state == "running" && (health.isEmpty || health == "healthy") }
}

/// How a running service differs from the files.
public struct ServiceDeviation: Equatable, Sendable {
  /// What is different.
  public enum Kind: Equatable, Sendable {
    case noContainer
    /// It runs another image, by its name.
    case image(String)
    /// Its image has changed under the same name since the container was created.
    case olderImage(String)
    /// The names of variables of its environment; their values may be secret.
    case variables([String])
    case command
  }

  /// The platform's name for it, with the deployment's prefix.
  public let service: String
  /// What is different.
  public let kind: Kind

  /// - Parameter service: The platform's name for it, with the deployment's prefix.
  public init(_ service: String, _ kind: Kind) {
    self.service = service
    self.kind = kind
  }
}

extension RunningServices {
  /// The status of every service.
  package func statuses() async throws -> [ServiceStatus] {
    try await statuses(of: try await names())
  }

  /// The full name of a service given with or without the deployment's prefix.
  public func name(_ word: String) async throws -> String {
    let names = try await names()
    let full = deployment.serviceName(ServiceName(word))
    if let name = names.first(where: { $0 == word || $0 == full }) { return name }
    let short = names.map(deployment.shortName)
    throw DioptraError(
      .nameUnknown, "there is no service \(word.quoted)", remedy: .name(like: word, in: short) ?? .oneOf(short))
  }

  /// Waits until every service is healthy.
  ///
  /// - Parameters:
  /// - seconds: The time limit.
  /// - pause: The time after which to check again even if nothing seems to have changed.
  /// - well: Called for each service that becomes healthy.
  /// - Throws: `DioptraError` that names the services that are not healthy; `CancellationError`.
  package func waitUntilWell(
    within seconds: Int, pause: Duration = .seconds(2), well: (ServiceStatus) -> Void
  ) async throws {
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
          .serviceUnavailable,
          "not all services became healthy within \(seconds) seconds: \(list)\n"
            + "\(first.service) said at the end:\n\(try await lastWords(of: first.service))\n",
          remedy: "See more with \(dioptra: "logs", first.service)", "Wait longer with --timeout")
      }
      try await change(within: pause)
    }
  }
}
