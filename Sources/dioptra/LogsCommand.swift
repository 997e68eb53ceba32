import ArgumentParser
import DioptraKitCore

struct LogsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs",
    abstract: "Shows the logs of the services, with secrets redacted.",
    discussion: """
      EXAMPLES:
        dioptra logs restapi
        dioptra logs --follow --tail 0
      """
  )

  @Argument(help: "The service, with or without the deployment's prefix; by default all.") var service: String?
  @Flag(name: .shortAndLong, help: "Follow the log output.") var follow = false
  @Option(help: ArgumentHelp("Lines to show per service, or \"all\".", valueName: "lines"))
  var tail = "100"
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    guard tail == "all" || Int(tail).map({ $0 >= 0 }) == true else {
      throw ValidationError("--tail takes a number of lines, or \"all\".")
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
      // Following ends when the reader has gone.
      group.addTask { for await _ in readerIsGone {} }
      defer { group.cancelAll() }
      try await group.next()
    }
    try Task.checkCancellation()
  }
}
