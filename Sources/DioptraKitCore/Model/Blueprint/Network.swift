internal import DioptraSystem

/// A network that every service of the running deployment joins.
public struct Network: Codable, Equatable, Sendable {
  /// The name without the deployment's slug.
  public var name: String

  public init(_ name: String) {
    self.name = name
  }
}

/// An address that services reach each other at, under a name that does not say who provides it.
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

/// A page that people open in a browser on the deployment's host.
public struct WebAddress: Codable, Equatable, Sendable {
  public var url: Text
  /// What one finds there.
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
  /// An address that others reach a service at.
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
  /// Where people reach the deployment with a browser.
  public static func webAddress(_ value: WebAddress) -> Self { Self(value) }
}

extension Blueprint {
  public var webAddresses: [Owned<WebAddress>] { self[WebAddress.self] }
}
