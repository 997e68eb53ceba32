internal import DioptraModel
internal import DioptraRendering
internal import DioptraState
package import DioptraSystem
internal import FoundationEssentials

/// The Docker engine of this host, seen through Docker's own command line, which knows contexts and permissions.
public struct DockerEngine: Sendable {
  /// What init containers and volumes of a deployment are known by; its value is the deployment's id.
  public static let deploymentLabel = "org.dioptrakit.deployment"

  /// What a volume that we made is told by from all others; its value is random.
  package static let volumeLabel = "org.dioptrakit.volume"

  /// The engine's own name for itself.
  public let id: String
  /// Docker's version, such as `28.2.2`.
  public let version: String
  /// Compose's version, such as `2.26.1`.
  public let composeVersion: String
  /// The runtimes that containers can have: `runc`, `nvidia`.
  public let runtimes: [String]
  /// Where the engine keeps images and volumes.
  public let dataFolder: String?
  package let docker: DockerCommand

  /// The same engine, called in another way.
  package func called(by docker: DockerCommand) -> DockerEngine {
    DockerEngine(
      id: id, version: version, composeVersion: composeVersion, runtimes: runtimes, dataFolder: dataFolder,
      docker: docker)
  }

  /// A named volume that exists.
  package struct VolumeFacts: Equatable, Sendable, Decodable {
    package let name: String
    package let labels: [String: String]?
    /// As the engine says it; see `DockerEngine.tellsCreation`.
    package let createdAt: String?

    /// Tells the volume from another one of the same name, made later.
    ///
    /// The engine's own creation time does not: up to Docker 20.10 it moves with what is in the volume. A volume that
    /// somebody else made, Compose for instance, has no mark.
    package var mark: String { labels?[DockerEngine.volumeLabel] ?? "made without dioptra" }

    package enum CodingKeys: String, CodingKey {
      case name = "Name"
      case labels = "Labels"
      case createdAt = "CreatedAt"
    }
  }

  /// A container that exists.
  package struct ContainerFacts: Equatable, Sendable, Decodable {
    package let id: String
    package let names: String
    package let image: String
    /// `created`, `running`, `paused`, `restarting`, `exited` or `dead`.
    package let state: String
    /// The service of a Compose file that it is a container of.
    package let service: String?
    /// The folder of that file.
    package let home: String?
    /// The Compose project that it is part of.
    package let project: String?

    fileprivate static let format = [
      "id": ".ID", "names": ".Names", "image": ".Image", "state": ".State",
      "service": "(.Label \"com.docker.compose.service\")",
      "home": "(.Label \"com.docker.compose.project.working_dir\")",
      "project": "(.Label \"com.docker.compose.project\")",
    ].map { "\"\($0.key)\":{{json \($0.value)}}" }.sorted().joined(separator: ",")
  }

  /// The volumes of some names that exist.
  package func volumes(_ names: [String]) async throws -> [String: VolumeFacts] {
    guard !names.isEmpty else { return [:] }
    let found = try await docker("volume", "inspect", names: names).outcome()
    // The status says that some do not exist, which is no failure here.
    guard let facts = try? JSONDecoder().decode([VolumeFacts].self, from: Data(found.output.utf8)) else {
      throw unanswered("volume inspect", found)
    }
    return Dictionary(facts.map { ($0.name, $0) }) { first, _ in first }
  }

  /// The names of all networks.
  package func networks() async throws -> Set<String> {
    let found = try await docker("network", "ls", "--format", names: ["{{.Name}}"]).outcome()
    guard found.succeeded else { throw unanswered("network ls", found) }
    return Set(found.output.split(whereSeparator: \.isNewline).map(String.init))
  }

  package func makeVolume(_ name: String, labels: [String: String]) async throws {
    let words = labels.sorted { $0.key < $1.key }.flatMap { ["--label", "\($0.key)=\($0.value)"] }
    let made = try await docker(["volume", "create"] + words + [name]).outcome()
    guard made.succeeded else { throw unanswered("volume create", made) }
  }

  /// The containers that all filters let through; filters of one kind let through what any of them does.
  package func containers(all: Bool, _ filters: [String]) async throws -> [ContainerFacts] {
    try containers(from: try await docker(Self.listing(all: all, filters)).outcome())
  }

  /// The filter that lets through what Compose made.
  package static let composeProjects = "label=com.docker.compose.project"

  /// The arguments of a call that lists containers.
  static func listing(all: Bool, _ filters: [String]) -> [String] {
    ["ps", "--no-trunc", "--format", "{\(ContainerFacts.format)}"] + (all ? ["--all"] : [])
      + filters.flatMap { ["--filter", $0] }
  }

  package func containers(from found: ExternalCommand.Outcome) throws -> [ContainerFacts] {
    guard found.succeeded else { throw unanswered("ps", found) }
    return try found.output.split(separator: "\n").map {
      try JSONDecoder().decode(ContainerFacts.self, from: Data($0.utf8))
    }
  }

  /// Those of some images that the engine does not have.
  package func missing(_ images: [String]) async throws -> [String] {
    guard !images.isEmpty else { return [] }
    let all = try await docker("image", "inspect", names: ["--format", "{{.Id}}"] + images).outcome()
    if all.succeeded { return [] }
    var missing: [String] = []
    for image in images where try await !docker("image", "inspect", names: [image]).outcome().succeeded {
      missing.append(image)
    }
    return missing
  }

  /// The last lines that a container wrote.
  package func log(of container: String, lines: Int = 20) async throws -> [String] {
    let found = try await docker("logs", "--tail", names: [String(lines), container]).outcome()
    return (found.output + found.errors).split(whereSeparator: \.isNewline).map(String.init)
  }

  /// Ends containers in the way that their images ask for, and removes them. Only volumes without a name go with them.
  ///
  /// The engine may be about to remove one by itself, whose program was started with `--rm`: what counts is that all are
  /// gone in the end.
  package func remove(_ containers: [String]) async throws {
    guard !containers.isEmpty else { return }
    _ = try await docker("stop", names: containers).outcome()
    var remaining = containers
    let end = ContinuousClock.now + .seconds(60)
    while !remaining.isEmpty {
      let removal = try await docker("rm", "--force", "--volumes", names: remaining).outcome()
      let present = Set(try await self.containers(all: true, []).map(\.id))
      remaining.removeAll { !present.contains($0) }
      guard remaining.isEmpty || ContinuousClock.now < end else { throw unanswered("rm", removal) }
      if !remaining.isEmpty { try await Task.sleep(for: .milliseconds(200)) }
    }
  }

  package func docker(_ words: String..., names: [String] = []) -> ExternalCommand {
    docker(words + names)
  }

  package func docker(_ words: [String]) -> ExternalCommand {
    docker.command(words)
  }

  private func unanswered(_ action: String, _ outcome: ExternalCommand.Outcome) -> DioptraError {
    DioptraError(
      "`docker \(action)` failed: \(outcome.errors.lastLine)", remedy: "Check that the Docker engine is well")
  }
}
