import ArgumentParser
import DioptraKitCore
import Glibc

/// Options that every command has.
struct GlobalOptions: ParsableArguments {
  @Option(name: [.customShort("C")], help: ArgumentHelp("The deployment's folder.", valueName: "dir"))
  var folder: String?

  @Flag(help: "Write JSON to standard output, and messages to standard error.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print only results and errors.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Print more detail.")
  var verbose = false

  @Flag(help: "Do not use colours. The environment variable NO_COLOR does the same.")
  var noColor = false

  @Flag(help: "Never ask; use defaults. Implied when standard input is not a terminal.")
  var noInput = false

  var output: Output { Output(isJSON: json, isQuiet: quiet, isVerbose: verbose, wantsColor: !noColor) }

  var mayAsk: Bool { !noInput && !json && isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

  /// The absolute path for a path given on the command line.
  func absolute(_ path: String) -> String {
    DeploymentFolder.absolute(path, from: DeploymentFolder.current, home: getenv("HOME").map { String(cString: $0) })
  }

  /// The deployment's folder.
  func deploymentFolder() throws -> ConfinedFolder {
    try ConfinedFolder(ofDeploymentAbove: DeploymentFolder.canonical(absolute(folder ?? ".")))
  }

  /// The deployment, for read-only commands.
  func view() throws -> DeploymentView {
    try DeploymentView(of: try deploymentFolder(), in: try context())
  }

  /// The deployment's configuration, with the components that it knows.
  func configuration() throws -> (registry: ComponentRegistry, file: ConfigurationFile, values: Configuration) {
    let registry = try context().registry
    let file = try deploymentFolder().configurationFile()
    return (registry, file, try Configuration(registry: registry, file: file))
  }
}

/// A `NAME=VALUE` argument.
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
