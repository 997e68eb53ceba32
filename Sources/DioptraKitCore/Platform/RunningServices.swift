internal import DioptraModel
public import DioptraRendering
internal import DioptraSystem

/// The services of the running deployment, the user's own too. Their names are the platform's, with the deployment's
/// prefix. What they say holds no secrets.
public protocol RunningServices: Sendable {
  var deployment: Deployment { get }

  /// The services that the deployment's files name, in the order of their names.
  func names() async throws -> [String]

  /// How some services stand, in the order of the names.
  func statuses(of names: [String]) async throws -> [ServiceStatus]

  /// What differs between the services that run and those that the files name; nothing where none runs.
  func deviations() async throws -> [ServiceDeviation]

  /// Makes the containers of all services, or of one, and starts them. Containers of services that are no more go.
  ///
  /// - Parameter recreated: Whether containers that have not changed are recreated, too.
  func up(_ service: String?, recreated: Bool, eachLine: @escaping @Sendable (String) -> Void) async throws

  /// Stops the services and removes their containers, even where the files cannot be read. Volumes stay.
  func down(eachLine: @escaping @Sendable (String) -> Void) async throws

  /// The last lines that a service wrote, indented.
  func lastWords(of service: String) async throws -> String

  /// The services' logs.
  ///
  /// - Parameter follow: Whether to go on with what they say from now on, until the task is cancelled.
  func logs(
    _ service: String?, tail: String, follow: Bool, eachLine: @escaping @Sendable (String) -> Void
  ) async throws
}

/// How one service stands.
public struct ServiceStatus: Codable, Equatable, Sendable {
  public let service: String
  /// `running`, `exited`, `restarting`, …; `absent` for a service without a container.
  public let state: String
  /// `healthy`, `unhealthy` or `starting`; empty for a service without a health check.
  public let health: String
  public let image: String
  /// Ports of the host, such as `127.0.0.1:80->30080/tcp`.
  public let ports: [String]

  public init(service: String, state: String, health: String, image: String, ports: [String]) {
    self.service = service
    self.state = state
    self.health = health
    self.image = image
    self.ports = ports
  }

  /// Whether the service does its work: it is running, and healthy if it can tell.
  public var isWell: Bool { state == "running" && (health.isEmpty || health == "healthy") }
}

/// How a service that runs is other than the files say.
public struct ServiceDeviation: Equatable, Sendable {
  public enum Kind: Equatable, Sendable {
    case noContainer
    /// It runs another image, by its name.
    case image(String)
    /// Its image was another one when it was made, under the same name.
    case olderImage(String)
    /// The names of variables of its environment; their values may be secret.
    case variables([String])
    case command
  }

  public let service: String
  public let kind: Kind

  public init(_ service: String, _ kind: Kind) {
    self.service = service
    self.kind = kind
  }
}

extension RunningServices {
  /// How every service stands.
  public func statuses() async throws -> [ServiceStatus] {
    try await statuses(of: try await names())
  }

  /// The name of the service that a person means, with or without the deployment's prefix.
  public func name(_ word: String) async throws -> String {
    let names = try await names()
    let prefix = "\(deployment.configuration.slug)-"
    if let name = names.first(where: { $0 == word || $0 == prefix + word }) { return name }
    let short = names.map { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0 }
    throw DioptraError(
      .nameUnknown, "there is no service \(word.quoted)", remedy: .name(like: word, in: short) ?? .oneOf(short))
  }

  /// Waits until every service is well.
  ///
  /// - Parameters:
  ///   - seconds: How long.
  ///   - pause: Between two looks.
  ///   - well: Gets each service as it becomes well.
  /// - Throws: `DioptraError` that names the services that are not; `CancellationError`.
  public func waitUntilWell(
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
      try await Task.sleep(for: pause)
    }
  }
}
