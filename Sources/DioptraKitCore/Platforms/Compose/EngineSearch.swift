internal import DioptraModel
package import DioptraPlatform
internal import DioptraRendering
package import DioptraSystem
internal import FoundationEssentials
internal import Glibc

extension DockerEngine {
  /// The relevant part of `docker info`.
  private struct Info: Decodable {
    let id: String?
    let version: String?
    let serverErrors: [String]?
    let runtimes: [String: Ignored]?
    let dataFolder: String?

    struct Ignored: Decodable {
      init(from decoder: any Decoder) {}
    }

    enum CodingKeys: String, CodingKey {
      case id = "ID"
      case version = "ServerVersion"
      case serverErrors = "ServerErrors"
      case runtimes = "Runtimes"
      case dataFolder = "DockerRootDir"
    }
  }

  /// The oldest major version of Compose that can read the deployment's files.
  private static let composeMajor = 2

  /// Looks for the engine that the deployment's Docker command uses.
  package static func find(_ docker: DockerCommand) async throws -> Availability {
    do {
      async let information = docker.command(["info", "--format", "{{json .}}"]).outcome(within: patience)
      async let composeVersion = docker.composeCommand(.running, ["version", "--short"]).outcome()
      async let address = docker.command(["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]).outcome()
      async let containers = docker.command(DockerEngine.listing(all: true, [DockerEngine.composeProjects])).outcome()
      let info = try await information
      let facts = try? JSONDecoder().decode(Info.self, from: Data(info.output.utf8))
      if let cause = try await unusable(info, facts, address: address.output) { return .unusable(cause) }
      guard let id = facts?.id, let version = facts?.version else {
        return .unusable(
          DioptraError(
            .engineUnsupported, "the engine behind `docker` does not say what it is", remedy: "Use a Docker engine"))
      }
      let compose = try await composeVersion
      if let cause = noCompose(compose) { return .unusable(cause) }
      let engine = DockerEngine(
        id: id, version: version, composeVersion: compose.output.lastLine,
        runtimes: facts?.runtimes?.keys.sorted() ?? [],
        dataFolder: facts?.dataFolder, docker: docker,
        api: EngineAPI(at: try await address.output.firstLine, through: docker))
      return .usable(engine.joined(to: (try? engine.containers(from: try await containers)) ?? []))
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

  private static func unusable(_ info: ExternalCommand.Outcome, _ facts: Info?, address: String) -> DioptraError? {
    let address = address.firstLine
    if info.output.contains("\"buildahVersion\"") {
      return DioptraError(
        .engineUnsupported, "`docker` is Podman here, which a deployment cannot be initialised on",
        remedy: "Install the \(install: "Docker engine")")
    }
    if !address.isEmpty, !address.hasPrefix("unix://") {
      return DioptraError(
        .engineUnsupported,
        "Docker's command line talks to another host's engine, \(address), which does not see this folder",
        remedy: "Choose the local one with \(run: "docker", "context", "use", "default"), without \(set: "DOCKER_HOST")"
      )
    }
    let complaint = (facts?.serverErrors ?? []).joined(separator: " ") + (info.succeeded ? "" : info.errors)
    if complaint.contains("permission denied") {
      return DioptraError(
        .engineForbidden, "you are not allowed to use the Docker engine", remedy: "Run the command with sudo",
        "Join the group `docker` with \(run: "sudo", "usermod", "-aG", "docker", Caller.name(of: getuid())), then log in again"
      )
    }
    guard complaint.isEmpty else {
      return DioptraError(
        .engineUnreachable,
        "the Docker engine does not answer: \(complaint.lastLine.trimmingSuffix(while: ".?! ".contains))",
        remedy: "Start it with \(run: "sudo", "systemctl", "start", "docker")")
    }
    return nil
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

extension String {
  fileprivate var firstLine: String { split(whereSeparator: \.isNewline).first.map(String.init) ?? "" }
}

extension Remedy {
  package static let checkDocker: Remedy = "Check that the Docker engine works, such as with \(run: "docker", "info")"
}
