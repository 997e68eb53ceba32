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
    let view = try options.view()
    let services = try await view.services()
    let name = if let service { try await services.name(service) } else { nil as String? }
    let output = options.output
    let (lines, follow) = (tail, follow)
    let (readerIsGone, gone) = AsyncStream<Void>.makeStream()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await services.logs(name, tail: lines, follow: follow) { line in
          if !output.follow(line, as: Line(line: line)) { gone.finish() }
        }
      }
      // Nobody is there who could stop what follows for ever.
      group.addTask { for await _ in readerIsGone {} }
      defer { group.cancelAll() }
      try await group.next()
    }
    try Task.checkCancellation()
  }
}
