public import DioptraModel
public import DioptraPlatform
public import DioptraRendering
package import DioptraSystem

/// The Docker engine of this host, accessed through Docker's command line, which knows contexts and permissions.
public struct DockerEngine: Engine {
  /// The label of a deployment's init containers and volumes; its value is the deployment's id.
  public static let deploymentLabel = "org.dioptrakit.deployment"

  /// The label that identifies a volume created by dioptra; its value is random.
  package static let volumeLabel = "org.dioptrakit.volume"

  /// The engine's id.
  public let id: String
  /// Docker's version, such as `28.2.2`.
  public let version: String
  /// Compose's version, such as `2.26.1`.
  public let composeVersion: String
  /// The available container runtimes: `runc`, `nvidia`.
  public let runtimes: [String]
  /// The folder in which the engine keeps images and volumes.
  public let dataFolder: String?
  package let docker: DockerCommand
  let api: EngineAPI

  /// Such as `Docker 28.2.2 with Compose 2.26.1`.
  public var summary: String { "Docker \(version) with Compose \(composeVersion)" }

  /// `Compose`.
  public var orchestrator: String { "Compose" }

  /// Before Docker 23 the time changes with the volume's content.
  public var tellsCreation: Bool { (Int(version.prefix { $0.isNumber }) ?? 0) >= 23 }

  /// The same engine with other calls.
  package func called(by docker: DockerCommand) -> DockerEngine {
    DockerEngine(
      id: id, version: version, composeVersion: composeVersion, runtimes: runtimes, dataFolder: dataFolder,
      docker: docker, api: api)
  }

  /// A volume as the engine shows it.
  private struct InspectedVolume: Decodable {
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
    let found = try await docker("volume", "inspect", names: names).outcome()
    // The status says that some do not exist, which is not an error here.
    guard let volumes = try? found.decoded([InspectedVolume].self) else { throw unanswered("volume inspect", found) }
    return Dictionary(volumes.map { ($0.name, $0.facts) }) { first, _ in first }
  }

  /// The names of all networks.
  public func networks() async throws -> Set<String> {
    let found = try await docker("network", "ls", "--format", names: ["{{.Name}}"]).outcome()
    guard found.succeeded else { throw unanswered("network ls", found) }
    return Set(found.output.split(whereSeparator: \.isNewline).map(String.init))
  }

  /// Creates a volume with Compose's labels, so that Compose accepts it as its own.
  ///
  /// Compose would create it without the instance id that distinguishes it from others of the same name.
  public func makeVolume(_ volume: VolumeName, of deployment: Deployment, in project: String) async throws {
    let labels = [
      Self.deploymentLabel: deployment.context.identity.deployment, Self.volumeLabel: Identity.newName(),
      "com.docker.compose.project": project, "com.docker.compose.volume": volume.rawValue,
    ]
    let arguments = labels.sorted { $0.key < $1.key }.flatMap { ["--label", "\($0.key)=\($0.value)"] }
    let made = try await docker(["volume", "create"] + arguments + [deployment.volumeName(volume)]).outcome()
    guard made.succeeded else { throw unanswered("volume create", made) }
  }

  /// Removes volumes.
  ///
  /// - Throws: `DioptraError` if one cannot be removed, for example because a container uses it.
  public func removeVolumes(_ names: [String]) async throws {
    guard !names.isEmpty else { return }
    let removal = try await docker("volume", "rm", names: names).outcome()
    guard removal.succeeded else {
      throw DioptraError(
        .engineFailed, "the volumes \(names.joined(separator: ", ")) cannot be removed: \(removal.errors.lastLine)",
        remedy:
          "See with \(run: "docker", "ps", "--all", "--filter", "volume=\(names[0])") what uses them, then run the command again"
      )
    }
  }

  /// Removes a network if nothing is attached to it. Docker's refusal is not an error.
  public func removeNetwork(_ name: String) async throws {
    _ = try await docker("network", "rm", names: [name]).outcome()
  }

  /// The missing ones of some images.
  public func missing(_ images: [String]) async throws -> [String] {
    guard !images.isEmpty else { return [] }
    let all = try await docker("image", "inspect", names: ["--format", "{{.Id}}"] + images).outcome()
    if all.succeeded { return [] }
    var missing: [String] = []
    for image in images where try await !docker("image", "inspect", names: [image]).outcome().succeeded {
      missing.append(image)
    }
    return missing
  }

  package func docker(_ arguments: String..., names: [String] = []) -> ExternalCommand {
    docker(arguments + names)
  }

  package func docker(_ arguments: [String]) -> ExternalCommand {
    docker.command(arguments)
  }

  func unanswered(_ action: String, _ outcome: ExternalCommand.Outcome) -> DioptraError {
    DioptraError(.engineFailed, "`docker \(action)` failed: \(outcome.errors.lastLine)", remedy: .checkDocker)
  }
}
