import ArgumentParser
import DioptraKitCore
import Plugins

struct StartCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start",
    abstract: "Starts the deployment.",
    discussion: """
      Compose is called in the deployment's folder, with docker-compose.override.yml where you have one.

      EXAMPLES:
        dioptra start
        dioptra start --wait
        dioptra start --wait --timeout 900
      """
  )

  @Flag(help: "Wait until every service is healthy.")
  var wait = false

  @Option(help: ArgumentHelp("How long to wait.", valueName: "seconds"))
  var timeout = 300

  @OptionGroup var options: GlobalOptions

  /// The services as they are in the end.
  struct Report: Encodable {
    let url: String?
    let services: [ServiceStatus]
  }

  func validate() throws {
    guard timeout > 0 else { throw ValidationError("--timeout takes a number of seconds above 0.") }
  }

  func run() async throws {
    let output = options.output
    let hold = try DeploymentHold(options, command: "dioptra start")
    let lifecycle = try await hold.lifecycle()
    let services = lifecycle.services
    try await hold.state.recording(.current) { record in
      try await lifecycle.tellDueSteps(ReferenceDeployment.registry())
      _ = try record.begin()
      let start = ContinuousClock.now
      try await lifecycle.start { line in if output.isVerbose { output.say(line) } }
      if wait {
        try await services.waitUntilWell(within: timeout) { status in
          output.say("  \(output.green("✓")) \(status.service) is well after \((ContinuousClock.now - start).words)")
        }
      }
    }
    let project = try? await Platforms.standard.project(of: hold.deployment, hiding: SecretValues([:]))
    let report = Report(url: hold.deployment.url(in: project), services: try await services.statuses())
    if output.isJSON { return try output.result(report) { "" } }
    let place = report.url.map { " at \($0)" } ?? ""
    output.say(
      wait ? "The deployment is up\(place)" : "Started. It will be\(place) in a minute or two; see `dioptra ps`.")
  }
}

extension Lifecycle {
  /// Refuses what must not be started, and notes what the services will not see.
  func tellDueSteps(_ registry: ComponentRegistry) async throws {
    let due = try await checkStart(registry)
    guard !due.isEmpty else { return }
    Output.note(
      "Note: \(due.count) \(due.count == 1 ? "step is" : "steps are") due and will not have their effect until "
        + "`dioptra stop`, `dioptra init`, `dioptra start`; see `dioptra steps`.")
  }
}
