public import DioptraPlatform
internal import DioptraSystem
internal import FoundationEssentials

extension DockerEngine {
  /// A container as the engine lists it.
  struct ListedContainer: Decodable, Sendable {
    let id: String
    let names: [String]
    let image: String
    /// `created`, `running`, `paused`, `restarting`, `exited` or `dead`.
    let state: String
    let labels: [String: String]?
    let ports: [Port]?

    /// In words, with the health: `Up 5 minutes (healthy)`.
    let condition: String?

    struct Port: Decodable {
      /// Of the host; nil if the port is not published.
      let address: String?
      let port: Int
      /// Of the host; nil for a port that is not published.
      let published: Int?

      enum CodingKeys: String, CodingKey {
        case address = "IP"
        case port = "PrivatePort"
        case published = "PublicPort"
      }
    }

    enum CodingKeys: String, CodingKey {
      case id = "Id"
      case names = "Names"
      case image = "Image"
      case state = "State"
      case labels = "Labels"
      case ports = "Ports"
      case condition = "Status"
    }

    var facts: ContainerFacts {
      ContainerFacts(
        id: id, names: names.map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 }.joined(separator: ","),
        image: image, isRunning: state == "running", service: labels?["com.docker.compose.service"],
        workingDirectory: labels?["com.docker.compose.project.working_dir"],
        project: labels?["com.docker.compose.project"])
    }
  }

  /// The containers that the engine lists; stopped ones are among them unless `running` is true.
  public func containers(_ selection: ContainerSelection, running: Bool) async throws -> [ContainerFacts] {
    let filters =
      switch selection {
      case .onVolumes(let volumes): ["volume": volumes]
      case .ofProject(let project): ["label": ["\(Self.projectLabel)=\(project)"]]
      case .ofServices: ["label": [Self.projectLabel]]
      }
    return try await listed(all: !running, filters).map(\.facts)
  }

  /// The label for the Compose project of a container.
  static let projectLabel = "com.docker.compose.project"

  /// The containers that pass all filters; of several filters of one kind, one must match.
  func listed(all: Bool, _ filters: [String: [String]] = [:]) async throws -> [ListedContainer] {
    let text = String(decoding: try JSONEncoder().encode(filters), as: UTF8.self)
    return try await ask("/containers/json", [("all", all ? "1" : "0"), ("filters", text)])
  }

  /// A container as the engine describes it.
  struct InspectedContainer: Decodable, Sendable {
    /// The engine's id of its image.
    let image: String
    let state: State
    let mounts: [Mount]?

    struct State: Decodable {
      let status: String
      let exitCode: Int

      enum CodingKeys: String, CodingKey {
        case status = "Status"
        case exitCode = "ExitCode"
      }
    }

    struct Mount: Decodable {
      let name: String?
      let isWritable: Bool

      enum CodingKeys: String, CodingKey {
        case name = "Name"
        case isWritable = "RW"
      }
    }

    enum CodingKeys: String, CodingKey {
      case image = "Image"
      case state = "State"
      case mounts = "Mounts"
    }
  }

  /// - Returns: nil for a container that is gone.
  func inspected(_ container: String) async throws -> InspectedContainer? {
    try await askIfExists("/containers/\(container)/json")
  }

  /// False for a container that is gone.
  public func writes(_ container: String, to volumes: [String]) async throws -> Bool {
    try await inspected(container)?.mounts?.contains { mount in
      mount.isWritable && mount.name.map(volumes.contains) == true
    } == true
  }

  /// The last lines that a container wrote.
  func log(of container: String, lines: Int = 20) async throws -> [String] {
    let query = [("stdout", "1"), ("stderr", "1"), ("tail", String(lines))]
    let answer = try await reaching { try await api.get("/containers/\(container)/logs", query) }
    guard answer.succeeded else { return [] }
    var frames = StreamFrames()
    let bytes = frames.add(answer.body).flatMap(\.bytes)
    return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
  }

  /// Stops containers as their images require, and removes them with their anonymous volumes.
  ///
  /// The engine may be removing one by itself, if it was started with `--rm`: what counts is that all are gone in the
  /// end.
  func remove(_ containers: [String]) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for container in containers { group.addTask { try await remove(container) } }
      try await group.waitForAll()
    }
  }

  private func remove(_ container: String) async throws {
    _ = try await reaching { try await api.post("/containers/\(container)/stop") }
    let end = ContinuousClock.now + .seconds(60)
    while true {
      let removal = try await reaching {
        try await api.delete("/containers/\(container)", [("force", "1"), ("v", "1")])
      }
      if try await inspected(container) == nil { return }
      guard ContinuousClock.now < end else { throw unanswered("the end of the container \(container)", removal) }
      try await Task.sleep(for: .milliseconds(200))
    }
  }
}

extension DockerEngine.ListedContainer {
  /// `healthy`, `unhealthy` or `starting`; empty without a health check. The list has it in words only.
  var health: String {
    let words = condition ?? ""
    if words.hasSuffix("(healthy)") { return "healthy" }
    if words.hasSuffix("(unhealthy)") { return "unhealthy" }
    return words.hasSuffix("(health: starting)") ? "starting" : ""
  }

  /// nil for a container that belongs to no service, or that runs a command once beside it.
  var status: ServiceStatus? {
    guard let service = labels?["com.docker.compose.service"], labels?["com.docker.compose.oneoff"] != "True" else {
      return nil
    }
    let ports = (self.ports ?? []).compactMap { port in
      port.published.map { "\(port.address ?? ""):\($0)->\(port.port)/tcp" }
    }
    return ServiceStatus(service: service, state: state, health: health, image: image, ports: Set(ports).sorted())
  }
}
