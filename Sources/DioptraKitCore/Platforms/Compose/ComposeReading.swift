internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraSystem
internal import FoundationEssentials

/// How Compose itself reads a folder's files. Needs no engine.
struct ComposeReading: Decodable {
  /// A service of the merged files.
  struct Service: Decodable {
    let image: String?
    let environment: [String: String?]?
    let command: [String]?
    let healthCheck: HealthCheck?
    let ports: [Port]?

    enum CodingKeys: String, CodingKey {
      case image, environment, command, ports
      case healthCheck = "healthcheck"
    }
  }

  struct HealthCheck: Decodable {
    let test: [String]?
  }

  struct Port: Decodable {
    let target: Int
    let published: String?
    let address: String?
    let networkProtocol: String?

    enum CodingKeys: String, CodingKey {
      case target, published
      case address = "host_ip"
      case networkProtocol = "protocol"
    }
  }

  let services: [String: Service]

  /// Lets Compose read the files.
  ///
  /// - Returns: nil if Compose is not installed.
  /// - Throws: `DioptraError` with Compose's own message if it cannot read them; `CancellationError`.
  static func read(by docker: DockerCommand, hiding secrets: SecretValues) async throws -> ComposeReading? {
    do {
      let found = try await docker.composeCommand(.running, ["config", "--format", "json"]).outcome(within: patience)
      guard found.succeeded, let reading = try? found.decoded(ComposeReading.self) else {
        throw try await fault(found.errors, docker, hiding: secrets)
      }
      return reading
    } catch is ExternalCommand.Missing {
      return nil
    } catch is CancellationError {
      try Task.checkCancellation()
      throw DioptraError(
        .engineUnreachable, "Compose did not read the deployment's files within \(patience) seconds",
        remedy: "Try \(run: "docker", "compose", "config") in the folder")
    }
  }

  /// The same for a folder that is to be adopted.
  static func read(adoptingWith docker: DockerCommand) async throws -> ComposeReading? {
    do {
      guard try await docker.composeCommand(.running, ["version"]).outcome(within: 30).succeeded else { return nil }
    } catch is ExternalCommand.Missing {
      return nil
    }
    let outcome = try await docker.composeCommand(.running, ["config", "--format", "json"]).outcome(within: 30)
    guard outcome.succeeded else {
      throw DioptraError(
        .projectInvalid, "Compose cannot read the folder's files: \(outcome.errors.lastLine)",
        remedy: "Correct \(edit: "docker-compose.override.yml"), then run the command again")
    }
    guard let reading = try? outcome.decoded(ComposeReading.self) else {
      throw DioptraError(
        .engineUnsupported, "Compose answers with something that is not a project",
        remedy: "Install a newer version of \(install: "docker-compose-plugin")")
    }
    return reading
  }

  /// Compose only reads a few small files.
  private static let patience = 60

  /// What is wrong with the files, and with which one.
  static func fault(
    _ errors: String, _ docker: DockerCommand, hiding secrets: SecretValues
  ) async throws -> DioptraError {
    let arguments = docker.compose(.running, ["-f", "docker-compose.yml", "config", "--quiet"])
    let alone = try await docker.calling(arguments).outcome(within: patience)
    let cause = SecretMask(secrets).masked(errors.lastLine.trimmingSuffix(while: ".?! ".contains))
    return DioptraError(
      .projectInvalid, "Compose cannot read the deployment's files: \(cause)",
      remedy: alone.succeeded
        ? "Correct \(edit: "docker-compose.override.yml"); without it, Compose reads the deployment"
        : "Correct \(edit: "docker-compose.yml") or \(edit: ".env"); \(dioptra: "drift") shows what was changed")
  }

  /// The project in the form for operations.
  var project: MergedProject {
    MergedProject(
      services: services.mapValues { service in
        MergedProject.Service(
          image: service.image, healthCheck: service.healthCheck?.test ?? [],
          ports: (service.ports ?? []).map {
            MergedProject.Port(
              target: $0.target, published: $0.published, address: $0.address, networkProtocol: $0.networkProtocol)
          })
      })
  }
}

extension DockerCommand {
  /// A call with the environment of the running deployment.
  func calling(_ arguments: [String]) -> ExternalCommand {
    var command = composeCommand(.running, [])
    command.arguments = arguments
    return command
  }
}
