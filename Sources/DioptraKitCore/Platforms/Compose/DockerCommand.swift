internal import DioptraModel
public import DioptraRendering
package import DioptraSystem

/// Builds calls of Docker and Compose for one deployment.
public struct DockerCommand: Equatable, Sendable {
  /// The Compose files of a deployment.
  public enum Project: Sendable {
    /// The running deployment: Compose's default files in the folder, with the user's override file.
    case running
    /// The services of initialisation.
    case initializing
  }

  package let folder: String
  /// The prefix of the deployment's services.
  let servicePrefix: String
  /// The Compose project to work in; nil for the one in the folder's files.
  package var project: String?
  private let composeArguments: [String]
  private let environment: [String: String?]

  /// Calls in the deployment's folder, of the Compose that its configuration names.
  public init(for deployment: Deployment) {
    let configuration = deployment.configuration
    folder = deployment.context.identity.folder
    servicePrefix = deployment.serviceName("")
    composeArguments = Self.arguments(in: configuration)
    let proxies = OutsideProxies(deployment.blueprint, in: deployment.context)
    let names = deployment.blueprint.settings.map(\.name) + proxies.settings
    environment = EngineEnvironment.changes(hiding: names).merging([
      "COMPOSE_ANSI": "never", "DOCKER_CLI_HINTS": "false",
      // Identifies programs left behind by a process that is gone.
      OrphanedPrograms.variable: OrphanedPrograms.tag(in: folder),
    ]) { $1 }
  }

  /// The choice of the command that runs Compose.
  static let variable: VariableName = "docker_compose_path"

  /// How Compose is called: as Docker itself calls it, unless a component declares another way.
  static func arguments(in configuration: Configuration) -> [String] {
    configuration.entry(variable)?.value.split(separator: " ").map(String.init) ?? plainArguments
  }

  /// Compose as Docker itself calls it.
  package static let plainArguments = ["docker", "compose"]

  /// The same calls in another folder.
  ///
  /// - Parameter plainly: Whether Docker is called by its own name, whatever the deployment says.
  package init(_ command: DockerCommand, in folder: String, plainly: Bool = false) {
    self.folder = folder
    servicePrefix = command.servicePrefix
    project = command.project
    composeArguments = plainly ? Self.plainArguments : command.composeArguments
    environment = command.environment
  }

  /// A call of `docker`.
  package func command(_ arguments: [String]) -> ExternalCommand {
    let docker = composeArguments.last == "compose" ? Array(composeArguments.dropLast()) : ["docker"]
    return ExternalCommand(arguments: docker + arguments, folder: folder, environment: environment)
  }

  /// A call of Compose.
  public func compose(_ project: Project, _ arguments: [String]) -> [String] {
    let name = self.project.map { ["--project-name", $0] } ?? []
    return switch project {
    case .running: composeArguments + name + arguments
    case .initializing: composeArguments + name + ["-f", "\(folder)/\(ComposeDialect.initFile)"] + arguments
    }
  }

  package func composeCommand(_ project: Project, _ arguments: [String]) -> ExternalCommand {
    // The services of the running deployment look like orphans to those of initialisation.
    let orphans = ["COMPOSE_IGNORE_ORPHANS": project == .initializing ? "1" : nil as String?]
    return ExternalCommand(
      arguments: compose(project, arguments), folder: folder, environment: environment.merging(orphans) { $1 })
  }

  /// The same calls in another Compose project.
  package func working(in project: String?) -> DockerCommand {
    var command = self
    command.project = project
    return command
  }
}
