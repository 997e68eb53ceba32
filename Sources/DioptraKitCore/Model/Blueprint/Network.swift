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
