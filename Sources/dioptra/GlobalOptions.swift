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
    let start = DeploymentFolder.canonical(absolute(folder ?? "."))
    guard let path = DeploymentFolder.find(from: start) else {
      throw DioptraError(
        "there is no deployment in \(start) or above it",
        remedy: "Change into one, name it with -C, or make one with `dioptra init`")
    }
    try DeploymentFolder.requireName(path)
    return try ConfinedFolder(path: path)
  }

  /// The deployment's `dioptra.yaml`.
  func configurationFile(in folder: ConfinedFolder) throws -> ConfigurationFile {
    guard let bytes = try folder.read(ConfigurationFile.name) else {
      try folder.refuseUnfinishedRestoration()
      throw DioptraError(
        "\(folder.path) has no \(ConfigurationFile.name)",
        remedy: "If a first `dioptra init` was interrupted here, run it again; otherwise restore the file")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw DioptraError("\(ConfigurationFile.name) is not UTF-8 text", remedy: "Save it as UTF-8")
    }
    return try ConfigurationFile(text: text)
  }

  /// The deployment's configuration, with the components that it knows.
  func configuration() throws -> (registry: ComponentRegistry, file: ConfigurationFile, values: Configuration) {
    let registry = try ReferenceDeployment.registry()
    let file = try configurationFile(in: try deploymentFolder())
    if let fault = file.faults(registry).first { throw fault }
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
