internal import DioptraSystem

/// A network that every service of the running deployment joins.
public struct Network: Codable, Equatable, Sendable {
  /// The name without the deployment's slug.
  public var name: String

  /// - Parameter name: The name without the deployment's slug.
  public init(_ name: String) {
    self.name = name
  }
}

/// An address at which services reach each other, under a name that does not name the provider.
public struct Endpoint: Codable, Equatable, Sendable {
  /// What texts refer to: `\(endpoint: "s3")`.
  public var name: EndpointName
  /// The service of the running deployment that answers there.
  public var service: ServiceName
  /// The TCP port inside the container.
  public var port: Int

  /// A name for a port of a service.
  public init(_ name: EndpointName, service: ServiceName, port: Int) {
    self.name = name
    self.service = service
    self.port = port
  }
}

/// A page of the deployment, opened with a browser on its host.
public struct WebAddress: Codable, Equatable, Sendable {
  /// The whole address: `http://localhost:30080/`.
  public var url: Text
  /// What the page shows.
  public var summary: String

  /// A page; of several in a deployment, the first one is shown.
  public init(_ url: Text, _ summary: String) {
    self.url = url
    self.summary = summary
  }
}

extension Network: Contributed {
  /// What messages call such a value.
  public static let kind = "network"
  /// Its name, which no other network may have.
  public var names: [Reference] { [Reference(Self.kind, name)] }
}

extension Contribution {
  /// A network that every service of the running deployment joins.
  public static func network(_ value: Network) -> Self { Self(value) }
}

extension Blueprint {
  /// Every network of the deployment, in the order of the components.
  public var networks: [Owned<Network>] { self[Network.self] }
}

extension Endpoint: Contributed {
  /// What messages call such a value.
  public static let kind = "endpoint"
  /// Its name, which no other endpoint may have.
  public var names: [Reference] { [.endpoint(name)] }
  /// The service that answers.
  public var references: [Reference] { [.service(service)] }
}

extension Contribution {
  /// An address at which others reach a service.
  public static func endpoint(_ value: Endpoint) -> Self { Self(value) }
}

extension Blueprint {
  /// Every endpoint of the deployment, in the order of the components.
  public var endpoints: [Owned<Endpoint>] { self[Endpoint.self] }
}

extension WebAddress: Contributed {
  /// What messages call such a value.
  public static let kind = "web address"
  /// What the address names.
  public var references: [Reference] { url.references }
}

extension Contribution {
  /// The deployment's address for browsers.
  public static func webAddress(_ value: WebAddress) -> Self { Self(value) }
}

extension Blueprint {
  package var webAddresses: [Owned<WebAddress>] { self[WebAddress.self] }
}
