internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// The relevant part of a service in a Compose file.
public struct ReferenceService: Equatable, Sendable {
  /// A port of the host that leads to one of the container.
  public struct Port: Equatable, Sendable {
    public let hostPort: Int
    public let containerPort: Int
    /// Whether only the host itself can reach it.
    public let isLocal: Bool
  }

  /// With its tag or digest.
  public internal(set) var image: String?
  /// The image that actually runs, if the user's override file changes it; otherwise nil.
  public internal(set) var overridingImage: String?
  public internal(set) var command: [String] = []
  public internal(set) var healthCheck: [String] = []
  public internal(set) var ports: [Port] = []
  /// In the short form: `source:target:mode`.
  public internal(set) var mounts: [String] = []

  /// Merged with another file's definition, as Compose does.
  func merging(_ other: ReferenceService, replacing replaced: Set<String> = []) -> ReferenceService {
    var merged = self
    if let image = other.image { merged.image = image }
    if !other.command.isEmpty || replaced.contains("command") { merged.command = other.command }
    if !other.healthCheck.isEmpty || replaced.contains("healthcheck") { merged.healthCheck = other.healthCheck }
    merged.ports = (replaced.contains("ports") ? [] : ports) + other.ports
    merged.mounts = (replaced.contains("volumes") ? [] : mounts) + other.mounts
    return merged
  }
}
