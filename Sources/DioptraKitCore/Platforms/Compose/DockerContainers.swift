public import DioptraPlatform
internal import DioptraSystem
internal import FoundationEssentials

extension DockerEngine {
  /// A container as the engine lists it.
  private struct ListedContainer: Decodable {
    let id: String
    let names: String
    let image: String
    /// `created`, `running`, `paused`, `restarting`, `exited` or `dead`.
    let state: String
    /// The service of a Compose file that it belongs to.
    let service: String?
    /// The folder of that file.
    let workingDirectory: String?
    /// The Compose project that it belongs to.
    let project: String?

    static let format = [
      "id": ".ID", "names": ".Names", "image": ".Image", "state": ".State",
      "service": "(.Label \"com.docker.compose.service\")",
      "workingDirectory": "(.Label \"com.docker.compose.project.working_dir\")",
      "project": "(.Label \"com.docker.compose.project\")",
    ].map { "\"\($0.key)\":{{json \($0.value)}}" }.sorted().joined(separator: ",")

    var facts: ContainerFacts {
      ContainerFacts(
        id: id, names: names, image: image, isRunning: state == "running", service: service,
        workingDirectory: workingDirectory,
        project: project)
    }
  }

  /// The containers that `docker ps` lists; stopped ones are among them unless `running` is true.
  public func containers(_ selection: ContainerSelection, running: Bool) async throws -> [ContainerFacts] {
    let filters =
      switch selection {
      case .onVolumes(let volumes): volumes.map { "volume=\($0)" }
      case .ofProject(let project): ["\(Self.composeProjects)=\(project)"]
      case .ofServices: [Self.composeProjects]
      }
    return try await containers(all: !running, filters)
  }

  /// The containers that pass all filters; of several filters of one kind, one must match.
  func containers(all: Bool, _ filters: [String]) async throws -> [ContainerFacts] {
    try containers(from: try await docker(Self.listing(all: all, filters)).outcome())
  }

  /// The filter for containers created by Compose.
  static let composeProjects = "label=com.docker.compose.project"

  /// The arguments for listing containers.
  static func listing(all: Bool, _ filters: [String]) -> [String] {
    ["ps", "--no-trunc", "--format", "{\(ListedContainer.format)}"] + (all ? ["--all"] : [])
      + filters.flatMap { ["--filter", $0] }
  }

  func containers(from found: ExternalCommand.Outcome) throws -> [ContainerFacts] {
    guard found.succeeded else { throw unanswered("ps", found) }
    return try found.output.split(separator: "\n").map {
      try JSONDecoder().decode(ListedContainer.self, from: Data($0.utf8)).facts
    }
  }

  private struct MountFacts: Decodable {
    let name: String?
    let isWritable: Bool

    enum CodingKeys: String, CodingKey {
      case name = "Name"
      case isWritable = "RW"
    }
  }

  /// False for a container that is gone.
  public func writes(_ container: String, to volumes: [String]) async throws -> Bool {
    let found = try await docker("inspect", "--format", names: ["{{json .Mounts}}", container]).outcome()
    // It may have ended meanwhile.
    guard let mounts = try? found.decoded([MountFacts].self) else { return found.succeeded }
    return mounts.contains { mount in mount.isWritable && mount.name.map(volumes.contains) == true }
  }

  /// The last lines that a container wrote.
  func log(of container: String, lines: Int = 20) async throws -> [String] {
    let found = try await docker("logs", "--tail", names: [String(lines), container]).outcome()
    return (found.output + found.errors).split(whereSeparator: \.isNewline).map(String.init)
  }

  /// Stops containers as their images require, and removes them with their anonymous volumes.
  ///
  /// The engine may be removing one by itself, if it was started with `--rm`: what counts is that all are gone in the
  /// end.
  func remove(_ containers: [String]) async throws {
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
}
