package import DioptraPlatform
internal import DioptraSystem

extension ComposeRunningServices {
  /// Containers whose image, environment or command differ from the Compose files, and services without a container.
  package func deviations() async throws -> [ServiceDeviation] {
    let wanted = try await ComposeReading.read(by: engine.docker, hiding: secrets)?.services ?? [:]
    let containers = try await containers()
    // A stopped deployment has no deviations.
    guard !containers.isEmpty else { return [] }
    var deviations: [ServiceDeviation] = []
    for (name, service) in wanted.sorted(by: { $0.key < $1.key }) {
      func differ(_ kind: ServiceDeviation.Kind) { deviations.append(ServiceDeviation(name, kind)) }
      guard let container = containers[name] else {
        differ(.noContainer)
        continue
      }
      // Images built from sources are left to their owner.
      if let wanted = service.image {
        if container.config.image != wanted {
          differ(.image(container.config.image))
        } else if let image = try await engine.inspected(image: wanted)?.id, image != container.image {
          differ(.olderImage(wanted))
        }
      }
      let names = try await changedVariables(of: container, service)
      if !names.isEmpty { differ(.variables(names)) }
      if let command = service.command?.map(\.unescaped), command != container.config.command { differ(.command) }
    }
    return deviations
  }

  private struct MadeContainer: Decodable {
    struct Config: Decodable {
      let image: String
      let environment: [String]?
      let command: [String]?

      enum CodingKeys: String, CodingKey {
        case image = "Image"
        case environment = "Env"
        case command = "Cmd"
      }
    }
    let image: String
    let config: Config

    enum CodingKeys: String, CodingKey {
      case image = "Image"
      case config = "Config"
    }
  }

  /// The containers of the running deployment, by service.
  private func containers() async throws -> [String: MadeContainer] {
    let label = "\(DockerEngine.projectLabel)=\(try await engine.projectName())"
    var containers: [String: MadeContainer] = [:]
    for listed in try await engine.listed(all: true, ["label": [label]]) {
      guard let service = listed.status?.service, containers[service] == nil else { continue }
      containers[service] = try await engine.askIfExists("/containers/\(listed.id)/json")
    }
    return containers
  }

  private static let proxies: Set = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY"]

  /// The names of variables that differ; their values may be secret.
  private func changedVariables(of container: MadeContainer, _ service: ComposeReading.Service) async throws -> [String]
  {
    let actual = Set(container.config.environment ?? [])
    let wanted = (service.environment ?? [:]).compactMap { name, value in
      value.map { (name, "\(name)=\($0.unescaped)") }
    }
    let changed = wanted.filter { !actual.contains($0.1) }.map(\.0)
    let known = Set(wanted.map(\.1)).union(
      try await engine.inspected(image: container.image)?.config?.environment ?? [])
    let extra = actual.subtracting(known).map { String($0.prefix { $0 != "=" }) }
    // Variables that Docker's client adds from its settings are not the deployment's.
    return Set(changed + extra.filter { !Self.proxies.contains($0.uppercased()) }).sorted()
  }
}

extension String {
  /// Compose writes a dollar sign as two.
  fileprivate var unescaped: String { replacing("$$", with: "$") }
}
