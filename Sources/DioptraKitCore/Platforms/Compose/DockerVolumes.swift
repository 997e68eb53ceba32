public import DioptraModel
public import DioptraPlatform
public import DioptraRendering
internal import DioptraSystem

/// Volumes and networks.
extension DockerEngine {
  private struct VolumeList: Decodable {
    let volumes: [Volume]?

    enum CodingKeys: String, CodingKey {
      case volumes = "Volumes"
    }
  }

  /// A volume as the engine shows it.
  private struct Volume: Decodable {
    let name: String
    let labels: [String: String]?
    let createdAt: String?

    var facts: VolumeFacts {
      VolumeFacts(
        name: name, owner: labels?[DockerEngine.deploymentLabel], ownInstance: labels?[DockerEngine.volumeLabel],
        createdAt: createdAt)
    }

    enum CodingKeys: String, CodingKey {
      case name = "Name"
      case labels = "Labels"
      case createdAt = "CreatedAt"
    }
  }

  /// The existing volumes of some names.
  public func volumes(_ names: [String]) async throws -> [String: VolumeFacts] {
    guard !names.isEmpty else { return [:] }
    // The engine's own filter finds parts of names.
    let found = try await ask("/volumes", as: VolumeList.self).volumes ?? []
    let wanted = Set(names)
    return Dictionary(found.filter { wanted.contains($0.name) }.map { ($0.name, $0.facts) }) { first, _ in first }
  }

  private struct NewVolume: Encodable {
    let name: String
    let labels: [String: String]

    enum CodingKeys: String, CodingKey {
      case name = "Name"
      case labels = "Labels"
    }
  }

  /// Creates a volume with Compose's labels, so that Compose accepts it as its own.
  ///
  /// Compose would create it without the instance id that distinguishes it from others of the same name.
  public func makeVolume(_ volume: VolumeName, of deployment: Deployment, in project: String) async throws {
    let volume = NewVolume(
      name: deployment.volumeName(volume),
      labels: [
        Self.deploymentLabel: deployment.context.identity.deployment, Self.volumeLabel: Identity.newName(),
        "com.docker.compose.project": project, "com.docker.compose.volume": volume.rawValue,
      ])
    let answer = try await reaching { try await api.post("/volumes/create", body: volume) }
    guard answer.succeeded else { throw unanswered("a volume \(volume.name)", answer) }
  }

  /// Removes volumes.
  ///
  /// - Throws: `DioptraError` if one cannot be removed, for example because a container uses it.
  public func removeVolumes(_ names: [String]) async throws {
    for name in names {
      let answer = try await reaching { try await api.delete("/volumes/\(name)") }
      guard answer.succeeded else {
        throw DioptraError(
          .engineFailed, "the volume \(name) cannot be removed: \(answer.message.lastLine)",
          remedy:
            "See with \(run: "docker", "ps", "--all", "--filter", "volume=\(name)") what uses it, then run the command again"
        )
      }
    }
  }

  private struct Network: Decodable {
    let name: String

    enum CodingKeys: String, CodingKey {
      case name = "Name"
    }
  }

  /// The names of all networks.
  public func networks() async throws -> Set<String> {
    Set(try await ask("/networks", as: [Network].self).map(\.name))
  }

  /// Removes a network if nothing is attached to it. Docker's refusal is not an error.
  public func removeNetwork(_ name: String) async throws {
    _ = try await reaching { try await api.delete("/networks/\(name)") }
  }
}
