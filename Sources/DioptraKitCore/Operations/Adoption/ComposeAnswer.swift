internal import DioptraModel
internal import DioptraPlatforms
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import FoundationEssentials

/// What Compose itself makes of a folder's files, the user's override among them.
struct ComposeAnswer: Sendable {
  /// By their names.
  let services: [String: ReferenceService]

  /// - Returns: nil where Compose is not installed.
  /// - Throws: `DioptraError` with what Compose says where it cannot read the files.
  static func ask(_ docker: DockerCommand) async throws -> ComposeAnswer? {
    do {
      guard try await docker.composeCommand(.running, ["version"]).outcome(within: 30).succeeded else { return nil }
    } catch is ExternalCommand.Missing {
      return nil
    }
    let outcome = try await docker.composeCommand(.running, ["config", "--format", "json"]).outcome(within: 30)
    guard outcome.succeeded else {
      throw DioptraError(
        "Compose cannot read the folder's files: \(outcome.errors.lastLine)",
        remedy: "Correct \(ReferenceFolder.overrideFile), then run the command again")
    }
    return try ComposeAnswer(json: outcome.output)
  }

  init(json: String) throws {
    guard let project = try? JSONDecoder().decode(Project.self, from: Data(json.utf8)) else {
      throw DioptraError(
        "Compose answers with something that is no project", remedy: "Install a newer version of Compose v2")
    }
    services = project.services.mapValues(\.known)
  }

  private struct Project: Decodable {
    let services: [String: Service]
  }

  private struct Service: Decodable {
    struct HealthCheck: Decodable {
      let test: [String]?
    }

    struct Port: Decodable {
      let target: Int?
      let published: String?
      let host_ip: String?
    }

    let image: String?
    let healthcheck: HealthCheck?
    let ports: [Port]?

    var known: ReferenceService {
      ReferenceService(
        image: image?.withTag, healthCheck: healthcheck?.test ?? [],
        ports: (ports ?? []).compactMap { port in
          guard let target = port.target, let published = port.published.flatMap({ Int($0) }) else { return nil }
          return .init(hostPort: published, containerPort: target, address: port.host_ip ?? "")
        })
    }
  }
}
