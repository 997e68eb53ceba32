internal import DioptraModel
package import DioptraPlatform
internal import DioptraRendering
package import DioptraSystem
internal import FoundationEssentials
internal import Glibc

extension DockerEngine {
  /// The relevant part of what an engine says of itself.
  private struct Info: Decodable {
    let id: String
    let version: String
    let runtimes: [String: Ignored]?
    let dataFolder: String?

    struct Ignored: Decodable {
      init(from decoder: any Decoder) {}
    }

    enum CodingKeys: String, CodingKey {
      case id = "ID"
      case version = "ServerVersion"
      case runtimes = "Runtimes"
      case dataFolder = "DockerRootDir"
    }
  }

  /// The oldest major version of Compose that can read the deployment's files.
  private static let composeMajor = 2

  /// Looks for the engine that the deployment's Docker command uses.
  package static func find(_ docker: DockerCommand) async throws -> Availability {
    do {
      async let composeVersion = docker.composeCommand(.running, ["version", "--short"]).outcome()
      let context = try await docker.command(["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"])
        .outcome(within: patience)
      let address = context.output.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
      if let cause = foreign(address) { return .unusable(cause) }
      let (api, fault) = EngineAPI.reached(at: address, through: docker)
      let info: Info
      do {
        let answer = try await api.get("/info", within: patience)
        guard answer.succeeded, let found = try? answer.decoded(Info.self) else {
          return .unusable(try await unsupported(docker))
        }
        info = found
      } catch is SystemFault {
        return .unusable(try await unreachable(fault, context, docker))
      } catch is HTTPResponseReader.Fault {
        return .unusable(try await unreachable(fault, context, docker))
      }
      let compose = try await composeVersion
      if let cause = noCompose(compose) { return .unusable(cause) }
      let engine = DockerEngine(
        id: info.id, version: info.version, composeVersion: compose.output.lastLine,
        runtimes: info.runtimes?.keys.sorted() ?? [], dataFolder: info.dataFolder, docker: docker, api: api)
      return .usable(engine.joined(to: (try? await engine.containers(.ofServices, running: false)) ?? []))
    } catch is ExternalCommand.Missing {
      return .notInstalled(
        DioptraError(
          .engineMissing, "Docker is not installed",
          remedy: "Install \(install: "Docker"): https://docs.docker.com/engine/install/"))
    } catch is CancellationError {
      try Task.checkCancellation()
      return .unusable(
        DioptraError(
          .engineUnreachable, "the Docker engine does not answer within \(patience) seconds",
          remedy: "See its state with \(run: "sudo", "systemctl", "status", "docker")"))
    }
  }

  /// Seconds that an engine has to respond.
  private static let patience = 30

  /// Why an engine at an address cannot be used; nil for one of this host.
  private static func foreign(_ address: String) -> DioptraError? {
    guard !address.isEmpty, !address.hasPrefix("unix://") else { return nil }
    return DioptraError(
      .engineUnsupported,
      "Docker's command line talks to another host's engine, \(address), which does not see this folder",
      remedy: "Choose the local one with \(run: "docker", "context", "use", "default"), without \(set: "DOCKER_HOST")")
  }

  /// - Parameter fault: Why the socket is out of reach.
  private static func unreachable(
    _ fault: SystemFault?, _ context: ExternalCommand.Outcome, _ docker: DockerCommand
  ) async throws -> DioptraError {
    if fault?.code == EACCES {
      return DioptraError(
        .engineForbidden, "you are not allowed to use the Docker engine", remedy: "Run the command with sudo",
        "Join the group `docker` with \(run: "sudo", "usermod", "-aG", "docker", Caller.name(of: getuid())), then log in again"
      )
    }
    if !context.succeeded { return try await unsupported(docker) }
    return DioptraError(
      .engineUnreachable, "the Docker engine does not answer: \(fault?.words ?? "the connection ended")",
      remedy: "Start it with \(run: "sudo", "systemctl", "start", "docker")")
  }

  /// Podman has a command of Docker's name, too.
  private static func unsupported(_ docker: DockerCommand) async throws -> DioptraError {
    let version = try await docker.command(["--version"]).outcome(within: patience)
    if version.output.lowercased().contains("podman") {
      return DioptraError(
        .engineUnsupported, "`docker` is Podman here, which a deployment cannot be initialised on",
        remedy: "Install the \(install: "Docker engine")")
    }
    return DioptraError(
      .engineUnsupported, "the engine behind `docker` does not say what it is", remedy: "Use a Docker engine")
  }

  private static func noCompose(_ version: ExternalCommand.Outcome) -> DioptraError? {
    let text = version.output.split(whereSeparator: \.isNewline).last.map(String.init) ?? ""
    let major = text.trimmingPrefix("v").prefix { $0.isNumber }
    guard version.succeeded, let number = Int(major) else {
      return DioptraError(
        .engineUnsupported, "Docker has no Compose",
        remedy: "Install the package \(install: "docker-compose-plugin"), docker-compose-v2 or docker-compose")
    }
    guard number < composeMajor else { return nil }
    return DioptraError(
      .engineUnsupported, "Compose \(text) is too old",
      remedy: "Install Compose 2: the package \(install: "docker-compose-plugin") or docker-compose-v2")
  }
}

extension Remedy {
  package static let checkDocker: Remedy = "Check that the Docker engine works, such as with \(run: "docker", "info")"
}
