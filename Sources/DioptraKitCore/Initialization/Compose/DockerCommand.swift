/// How Docker and Compose are called for one deployment.
public struct DockerCommand: Equatable, Sendable {
  /// The Compose files of a deployment.
  public enum Project: Sendable {
    /// The running deployment: what Compose itself takes in the folder, with the user's override file.
    case running
    /// The services of initialisation.
    case initializing
  }

  let folder: String
  private let composeWords: [String]
  private let environment: [String: String?]

  public init(for deployment: Deployment) {
    let configuration = deployment.configuration
    folder = deployment.context.identity.folder
    composeWords = configuration["docker_compose_path"].split(separator: " ").map(String.init)
    // The shell's variables would win over the folder's `.env`.
    let foreign = deployment.blueprint.settings.map(\.name) + ["COMPOSE_FILE", "COMPOSE_PROFILES", "COMPOSE_ENV_FILES"]
    environment = Dictionary(foreign.map { ($0, nil) }) { first, _ in first }.merging([
      "COMPOSE_ANSI": "never", "DOCKER_CLI_HINTS": "false",
      // It tells which programs a process that is gone has left behind.
      OrphanedPrograms.variable: OrphanedPrograms.mark(in: folder),
    ]) { $1 }
  }

  /// The same calls from another folder.
  init(_ command: DockerCommand, in folder: String) {
    self.folder = folder
    composeWords = command.composeWords
    environment = command.environment
  }

  /// A call of `docker`.
  func command(_ words: [String]) -> ExternalCommand {
    let docker = composeWords.last == "compose" ? Array(composeWords.dropLast()) : ["docker"]
    return ExternalCommand(words: docker + words, folder: folder, environment: environment)
  }

  /// A call of Compose.
  public func compose(_ project: Project, _ words: [String]) -> [String] {
    switch project {
    case .running: composeWords + words
    case .initializing: composeWords + ["-f", "\(folder)/docker-compose.init.yml"] + words
    }
  }

  func composeCommand(_ project: Project, _ words: [String]) -> ExternalCommand {
    // To the services of initialisation, those of the running deployment are orphans.
    let orphans = ["COMPOSE_IGNORE_ORPHANS": project == .initializing ? "1" : nil as String?]
    return ExternalCommand(
      words: compose(project, words), folder: folder, environment: environment.merging(orphans) { $1 })
  }
}
