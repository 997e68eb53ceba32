internal import DioptraSystem

/// A network that every service of the running deployment joins.
public struct Network: Codable, Equatable, Sendable {
  /// The name without the deployment's slug.
  public var name: String

  public init(_ name: String) {
    self.name = name
  }
}

/// An address at which services reach each other, under a name that does not name the provider.
public struct Endpoint: Codable, Equatable, Sendable {
  public var name: EndpointName
  public var service: ServiceName
  public var port: Int

  public init(_ name: EndpointName, service: ServiceName, port: Int) {
    self.name = name
    self.service = service
    self.port = port
  }
}

/// A page of the deployment, opened with a browser on its host.
public struct WebAddress: Codable, Equatable, Sendable {
  public var url: Text
  /// What the page shows.
  public var summary: String

  public init(_ url: Text, _ summary: String) {
    self.url = url
    self.summary = summary
  }
}

extension Network: Contributed {
  public static let kind = "network"
  public var names: [Reference] { [Reference(Self.kind, name)] }
}

extension Contribution {
  /// A network that every service of the running deployment joins.
  public static func network(_ value: Network) -> Self { Self(value) }
}

extension Blueprint {
  public var networks: [Owned<Network>] { self[Network.self] }
}

extension Endpoint: Contributed {
  public static let kind = "endpoint"
  public var names: [Reference] { [.endpoint(name)] }
  public var references: [Reference] { [.service(service)] }
}

extension Contribution {
  /// An address at which others reach a service.
  public static func endpoint(_ value: Endpoint) -> Self { Self(value) }
}

extension Blueprint {
  public var endpoints: [Owned<Endpoint>] { self[Endpoint.self] }
}

extension WebAddress: Contributed {
  public static let kind = "web address"
  public var references: [Reference] { url.references }
}

extension Contribution {
  /// The deployment's address for browsers.
  public static func webAddress(_ value: WebAddress) -> Self { Self(value) }
}

extension Blueprint {
  package var webAddresses: [Owned<WebAddress>] { self[WebAddress.self] }
}
