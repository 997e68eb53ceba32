import ArgumentParser
import DioptraKitCore

struct StartCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start",
    abstract: "Starts the deployment.",
    discussion: """
      Runs \(Platforms.words.reader) in the deployment's folder, with \(Platforms.words.ownFile) if there is one.

      EXAMPLES:
        dioptra start
        dioptra start --wait
        dioptra start --wait --timeout 900
      """
  )

  @Flag(help: "Wait until every service is healthy.")
  var wait = false

  @Option(help: ArgumentHelp("Seconds to wait.", valueName: "seconds"))
  var timeout = 300

  @OptionGroup var options: GlobalOptions

  /// The services after the start.
  struct Report: Encodable {
    let url: String?
    let services: [ServiceStatus]
  }

  func validate() throws {
    guard timeout > 0 else { throw ValidationError("--timeout takes a number of seconds above 0.") }
  }

  func run() async throws {
    let output = options.output
    let operation = LifecycleOperation(try options.deploymentFolder(), in: try options.context())
    let start = ContinuousClock.now
    let session = try await operation.start(
      waiting: wait ? timeout : nil, eachLine: { line in if output.isVerbose { output.say(line) } }
    ) { status in
      output.say("  \(output.green("✓")) \(status.service) is healthy after \((ContinuousClock.now - start).text)")
    }
    let project = try? await session.view.project()
    let report = Report(
      url: session.deployment.url(in: project), services: try await session.view.services().statuses())
    if output.isJSON { return try output.result(report) { "" } }
    let place = report.url.map { " at \($0)" } ?? ""
    output.say(
      wait ? "The deployment is up\(place)" : "Started. It should be up\(place) in a minute or two; see `dioptra ps`.")
  }
}
