import ArgumentParser
import DioptraKitCore
import Glibc
import Plugins

/// What every command understands.
struct GlobalOptions: ParsableArguments {
  @Option(name: [.customShort("C")], help: ArgumentHelp("The deployment's folder.", valueName: "dir"))
  var folder: String?

  @Flag(help: "Write JSON to standard output, words for people to standard error.")
  var json = false

  @Flag(name: .shortAndLong, help: "Say only what was asked for and what went wrong.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Say more.")
  var verbose = false

  @Flag(help: "Use no colours. The environment variable NO_COLOR does the same.")
  var noColor = false

  @Flag(help: "Never ask, use defaults. Also when standard input is no terminal.")
  var noInput = false

  var output: Output { Output(isJSON: json, isQuiet: quiet, isVerbose: verbose, wantsColor: !noColor) }

  var mayAsk: Bool { !noInput && !json && isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

  /// The path that a command line's path stands for.
  func absolute(_ path: String) -> String {
    DeploymentFolder.absolute(path, from: DeploymentFolder.current, home: getenv("HOME").map { String(cString: $0) })
  }

  /// The deployment's folder.
  func deploymentFolder() throws -> ConfinedFolder {
    try ConfinedFolder(ofDeploymentAbove: DeploymentFolder.canonical(absolute(folder ?? ".")))
  }

  /// The deployment, for commands that look at it.
  func view() throws -> DeploymentView {
    try DeploymentView(of: try deploymentFolder(), in: try context())
  }

  /// The deployment's configuration, with the components that it knows.
  func configuration() throws -> (registry: ComponentRegistry, file: ConfigurationFile, values: Configuration) {
    let registry = try ReferenceDeployment.registry()
    let file = try deploymentFolder().configurationFile()
    return (registry, file, try Configuration(registry: registry, file: file))
  }
}

/// `NAME=VALUE` of a command line.
struct Assignment: ExpressibleByArgument {
  let name: String
  let value: String

  init?(argument: String) {
    guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else { return nil }
    name = String(argument[..<equals])
    value = String(argument[argument.index(after: equals)...])
  }

  var defaultValueDescription: String { "\(name)=\(value)" }
}
