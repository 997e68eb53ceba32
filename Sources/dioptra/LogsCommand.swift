import ArgumentParser
import DioptraKitCore

struct LogsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs",
    abstract: "Shows what the services say, without secrets.",
    discussion: """
      EXAMPLES:
        dioptra logs restapi
        dioptra logs --follow --tail 0
      """
  )

  @Argument(help: "The service, with or without the deployment's prefix; all when left out.") var service: String?
  @Flag(name: .shortAndLong, help: "Go on with what they say from now on.") var follow = false
  @Option(help: ArgumentHelp("How many lines of each service; all is another answer.", valueName: "lines"))
  var tail = "100"
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    guard tail == "all" || Int(tail).map({ $0 >= 0 }) == true else {
      throw ValidationError("--tail takes a number of lines, or all.")
    }
  }

  /// A line as `--json` shows it.
  struct Line: Encodable {
    let line: String
  }

  func run() async throws {
    let view = try DeploymentView(options)
    let services = try await view.services()
    let name = if let service { try await services.name(service) } else { nil as String? }
    let output = options.output
    try await services.logs(name, tail: tail, follow: follow) { line in
      if output.isJSON { output.event(Line(line: line)) } else { output.print(line) }
    }
  }
}
