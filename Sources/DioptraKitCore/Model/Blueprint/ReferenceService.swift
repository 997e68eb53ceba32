internal import DioptraSystem

/// What the files of a folder that something else made say about its services.
public struct ReferenceProject: Sendable {
  /// The prefix of all names.
  public let slug: String
  /// The networks without the prefix.
  public let networks: [String]
  /// The services that run, without the prefix.
  public let services: [String: ReferenceService]
  /// The same with what the user's own file says of them.
  public let merged: [String: ReferenceService]
  /// The services that exist only during initialisation.
  public let initServices: [String: ReferenceService]

  package init(
    slug: String, networks: [String], services: [String: ReferenceService], merged: [String: ReferenceService],
    initServices: [String: ReferenceService]
  ) {
    self.slug = slug
    self.networks = networks
    self.services = services
    self.merged = merged
    self.initServices = initServices
  }
}

/// A service as the files of such a folder describe it, as far as it tells how a deployment was configured.
public struct ReferenceService: Equatable, Sendable {
  /// A port of the host that leads to one of the container.
  public struct Port: Equatable, Sendable {
    /// The port of the host.
    public let hostPort: Int
    /// The TCP port inside the container.
    public let containerPort: Int
    /// Whether only the host itself can reach it.
    public let isLocal: Bool

    package init(hostPort: Int, containerPort: Int, address: String) {
      self.hostPort = hostPort
      self.containerPort = containerPort
      isLocal = ["127.0.0.1", "localhost", "[::1]", "::1"].contains(address)
    }
  }

  /// With its tag or digest.
  public package(set) var image: String?
  /// What runs in the end, where the user's own file says something else; nil where it does not.
  public package(set) var overridingImage: String?
  /// The arguments in place of the image's own; empty if the files give none.
  public package(set) var command: [String] = []
  /// The words of the command that checks the service's health; empty if the files give none.
  public package(set) var healthCheck: [String] = []
  /// The published ports, without those in a form that is not understood.
  public package(set) var ports: [Port] = []
  /// In the short form: `source:target:mode`.
  public package(set) var mounts: [String] = []

  package init(image: String? = nil, healthCheck: [String] = [], ports: [Port] = []) {
    self.image = image
    self.healthCheck = healthCheck
    self.ports = ports
  }
}

extension String {
  /// An image's name without a tag has the tag `latest`.
  package var withTag: String {
    let name = split(separator: "/").last ?? ""
    return name.contains(":") || contains("@") ? self : "\(self):latest"
  }
}
