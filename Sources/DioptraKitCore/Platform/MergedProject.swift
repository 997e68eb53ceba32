internal import DioptraModel
public import DioptraRendering
internal import DioptraSystem

/// The running deployment as the platform reads it: the deployment's files, the user's own and the settings, merged.
public struct MergedProject: Equatable, Sendable {
  /// A service of the merged files.
  public struct Service: Equatable, Sendable {
    /// nil for a service that is built from sources without naming the result.
    public let image: String?
    /// The words of the test as the platform's files have them, such as `CMD` and a command; empty if there is none.
    public let healthCheck: [String]
    /// The ports of the host that lead into the service's containers.
    public let ports: [Port]

    /// - Parameters:
    ///   - image: nil for a service that is built from sources without naming the result.
    ///   - healthCheck: The words of the test; empty if there is none.
    public init(image: String?, healthCheck: [String], ports: [Port]) {
      self.image = image
      self.healthCheck = healthCheck
      self.ports = ports
    }
  }

  /// A port of the host that leads into a container.
  public struct Port: Equatable, Sendable {
    /// The container's port.
    public let target: Int
    /// A number, or a range with a hyphen; nil if the engine chooses one.
    public let published: String?
    /// The host's address at which the port is published; nil for all addresses.
    public let address: String?
    package let networkProtocol: String?

    /// - Parameters:
    ///   - target: The container's port.
    ///   - published: The host's port: a number, or a range with a hyphen; nil if the engine chooses one.
    ///   - address: The host's address; nil for all addresses.
    ///   - networkProtocol: Such as `udp`; nil for TCP.
    package init(target: Int, published: String?, address: String?, networkProtocol: String?) {
      self.target = target
      self.published = published
      self.address = address
      self.networkProtocol = networkProtocol
    }
  }

  /// By name, with the deployment's prefix.
  public let services: [String: Service]

  /// - Parameter services: By name, with the deployment's prefix.
  package init(services: [String: Service]) {
    self.services = services
  }

  /// The ports of the host that containers listen on, by service. A range counts as several ports.
  public var published: [(service: String, port: Port, number: UInt16)] {
    services.sorted { $0.key < $1.key }.flatMap { name, service in
      service.ports.filter { $0.networkProtocol ?? "tcp" == "tcp" }.flatMap { port in
        let ends = (port.published ?? "").split(separator: "-").compactMap { UInt16($0) }
        guard let first = ends.first, let last = ends.last, first > 0, first <= last else {
          return [] as [(service: String, port: Port, number: UInt16)]
        }
        return (first...last).map { (name, port, $0) }
      }
    }
  }

  /// The services that no component contributes: the user's own, by name.
  public func own(in deployment: Deployment) -> [String] {
    let known = Set(deployment.blueprint.services.map { deployment.serviceName($0.name) })
    return services.keys.filter { !known.contains($0) }.sorted()
  }
}

extension Deployment {
  /// The page that people open first, at the port that the platform publishes; nil where that port is not published.
  public func url(in project: MergedProject?) -> String? {
    guard let project, let url else { return url }
    let host = "://localhost"
    guard let end = url.range(of: host)?.upperBound else { return url }
    let rest = url[end...]
    let isSecure = url.hasPrefix("https")
    let port = rest.hasPrefix(":") ? String(rest.dropFirst().prefix { $0.isNumber }) : isSecure ? "443" : "80"
    let targets = blueprint.services.flatMap { service in
      service.ports.filter { $0.hostPort.characters == port }.map { (serviceName(service.name), $0.containerPort) }
    }
    guard let (service, target) = targets.first else { return url }
    guard let number = project.published.first(where: { $0.service == service && $0.port.target == target })?.number
    else { return nil }
    let isUsual = number == (isSecure ? 443 : 80)
    return url[..<end] + (isUsual ? "" : ":\(number)") + rest.drop { $0 != "/" }
  }
}
