public import DioptraModel
public import DioptraRendering
internal import DioptraState
package import DioptraSystem
internal import FoundationEssentials

/// The running deployment as Compose itself reads it: docker-compose.yml, the user's override and `.env`, merged.
///
/// Compose needs no engine for that.
public struct MergedProject: Sendable {
  /// A service of the merged files.
  package struct Service: Decodable, Sendable {
    /// nil for a service that is built from sources and has no name for what is built.
    package let image: String?
    package let environment: [String: String?]?
    package let command: [String]?
    package let ports: [Port]?
  }

  /// A port of the host that leads into a container.
  package struct Port: Decodable, Sendable {
    package let target: Int
    /// A number, or two with a hyphen between; nil where the engine chooses one.
    package let published: String?
    package let address: String?
    let networkProtocol: String?

    package enum CodingKeys: String, CodingKey {
      case target, published
      case address = "host_ip"
      case networkProtocol = "protocol"
    }
  }

  private struct Document: Decodable {
    let services: [String: Service]
  }

  package let services: [String: Service]

  /// Has Compose read the files.
  ///
  /// - Returns: nil where there is no Compose to ask.
  /// - Throws: `DioptraError` with Compose's own words when it cannot read them; `CancellationError`.
  public static func read(by docker: DockerCommand, hiding secrets: SecretValues) async throws -> MergedProject? {
    do {
      let found = try await docker.composeCommand(.running, ["config", "--format", "json"]).outcome(within: patience)
      guard found.succeeded, let document = try? JSONDecoder().decode(Document.self, from: Data(found.output.utf8))
      else { throw try await fault(found.errors, docker, hiding: secrets) }
      return MergedProject(services: document.services)
    } catch is ExternalCommand.Missing {
      return nil
    } catch is CancellationError {
      try Task.checkCancellation()
      throw DioptraError(
        "Compose did not read the deployment's files within \(patience) seconds",
        remedy: "Try `docker compose config` in the folder")
    }
  }

  /// Compose reads a few small files.
  private static let patience = 60

  /// What is wrong with the files, and which one it is.
  package static func fault(
    _ errors: String, _ docker: DockerCommand, hiding secrets: SecretValues
  ) async throws -> DioptraError {
    let words = docker.compose(.running, ["-f", "docker-compose.yml", "config", "--quiet"])
    let alone = try await docker.calling(words).outcome(within: patience)
    let cause = SecretMask(secrets).masked(errors.lastLine.trimmingSuffix(while: ".?! ".contains))
    return DioptraError(
      "Compose cannot read the deployment's files: \(cause)",
      remedy: alone.succeeded
        ? "Correct docker-compose.override.yml; without it, Compose reads the deployment"
        : "Correct docker-compose.yml or .env; `dioptra drift` shows what was changed")
  }

  /// The ports of the host that containers listen on, by the services' names. Two of a range are two ports.
  package var published: [(service: String, port: Port, number: UInt16)] {
    services.sorted { $0.key < $1.key }.flatMap { name, service in
      (service.ports ?? []).filter { $0.networkProtocol ?? "tcp" == "tcp" }.flatMap { port in
        let ends = (port.published ?? "").split(separator: "-").compactMap { UInt16($0) }
        guard let first = ends.first, let last = ends.last, first > 0, first <= last else {
          return [] as [(service: String, port: Port, number: UInt16)]
        }
        return (first...last).map { (name, port, $0) }
      }
    }
  }

  /// The services that no component contributes: the user's own, by their names.
  package func own(in deployment: Deployment) -> [String] {
    let slug = deployment.configuration.slug
    let known = Set(deployment.blueprint.services.map { "\(slug)-\($0.name)" })
    return services.keys.filter { !known.contains($0) }.sorted()
  }
}

extension Deployment {
  /// The page that people open first, at the port that Compose publishes; nil where that port is not published.
  public func url(in project: MergedProject?) -> String? {
    guard let project, let url else { return url }
    let host = "://localhost"
    guard let end = url.range(of: host)?.upperBound else { return url }
    let rest = url[end...]
    let isSecure = url.hasPrefix("https")
    let port = rest.hasPrefix(":") ? String(rest.dropFirst().prefix { $0.isNumber }) : isSecure ? "443" : "80"
    let slug = configuration.slug
    let targets = blueprint.services.flatMap { service in
      service.ports.filter { $0.hostPort.characters == port }.map { ("\(slug)-\(service.name)", $0.containerPort) }
    }
    guard let (service, target) = targets.first else { return url }
    guard let number = project.published.first(where: { $0.service == service && $0.port.target == target })?.number
    else { return nil }
    let isUsual = number == (isSecure ? 443 : 80)
    return url[..<end] + (isUsual ? "" : ":\(number)") + rest.drop { $0 != "/" }
  }
}

extension DockerCommand {
  /// Any call, with the environment of those of the running deployment.
  func calling(_ words: [String]) -> ExternalCommand {
    var command = composeCommand(.running, [])
    command.words = words
    return command
  }
}
