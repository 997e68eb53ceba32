internal import DioptraModel
public import DioptraRendering
package import DioptraSystem

/// How Docker and Compose are called for one deployment.
public struct DockerCommand: Equatable, Sendable {
  /// The Compose files of a deployment.
  public enum Project: Sendable {
    /// The running deployment: what Compose itself takes in the folder, with the user's override file.
    case running
    /// The services of initialisation.
    case initializing
  }

  package let folder: String
  /// What the names of the deployment's services begin with.
  let servicePrefix: String
  /// The Compose project to work in; nil for the one that the folder's files name.
  package var project: String?
  private let composeWords: [String]
  private let environment: [String: String?]

  public init(for deployment: Deployment) {
    let configuration = deployment.configuration
    folder = deployment.context.identity.folder
    servicePrefix = deployment.serviceName("")
    composeWords = Self.words(in: configuration)
    environment = EngineEnvironment.changes(hiding: deployment.blueprint.settings.map(\.name)).merging([
      "COMPOSE_ANSI": "never", "DOCKER_CLI_HINTS": "false",
      // It tells which programs a process that is gone has left behind.
      OrphanedPrograms.variable: OrphanedPrograms.mark(in: folder),
    ]) { $1 }
  }

  /// What chooses how Compose is called.
  static let variable: VariableName = "docker_compose_path"

  /// How Compose is called: as Docker itself calls it, unless a component declares another way.
  static func words(in configuration: Configuration) -> [String] {
    configuration.entry(variable)?.value.split(separator: " ").map(String.init) ?? plainWords
  }

  /// Compose as Docker itself calls it.
  package static let plainWords = ["docker", "compose"]

  /// The same calls from another folder.
  ///
  /// - Parameter plainly: Whether Docker is called by its own name, whatever the deployment says.
  package init(_ command: DockerCommand, in folder: String, plainly: Bool = false) {
    self.folder = folder
    servicePrefix = command.servicePrefix
    project = command.project
    composeWords = plainly ? Self.plainWords : command.composeWords
    environment = command.environment
  }

  /// A call of `docker`.
  package func command(_ words: [String]) -> ExternalCommand {
    let docker = composeWords.last == "compose" ? Array(composeWords.dropLast()) : ["docker"]
    return ExternalCommand(words: docker + words, folder: folder, environment: environment)
  }

  /// A call of Compose.
  public func compose(_ project: Project, _ words: [String]) -> [String] {
    let name = self.project.map { ["--project-name", $0] } ?? []
    return switch project {
    case .running: composeWords + name + words
    case .initializing: composeWords + name + ["-f", "\(folder)/\(ComposeDialect.initFile)"] + words
    }
  }

  package func composeCommand(_ project: Project, _ words: [String]) -> ExternalCommand {
    // To the services of initialisation, those of the running deployment are orphans.
    let orphans = ["COMPOSE_IGNORE_ORPHANS": project == .initializing ? "1" : nil as String?]
    return ExternalCommand(
      words: compose(project, words), folder: folder, environment: environment.merging(orphans) { $1 })
  }

  /// The same calls in another Compose project.
  package func working(in project: String?) -> DockerCommand {
    var command = self
    command.project = project
    return command
  }
}
