import ArgumentParser
import DioptraKitCore

struct RestartCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restart",
    abstract: "Starts all services, or one, anew.",
    discussion: """
      Their containers are made anew, so that changed settings and images take effect.

      EXAMPLES:
        dioptra restart
        dioptra restart nginx
      """
  )

  @Argument(help: "The service, with or without the deployment's prefix.") var service: String?
  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let output = options.output
    let hold = try DeploymentHold(options, command: "dioptra restart", evenUnrecorded: true)
    let services = try await hold.services()
    let name = if let service { try await services.name(service) } else { nil as String? }
    try await hold.state.recordingIfPossible(.current, note: Output.notRecorded) {
      try await services.start(name, anew: true) { line in if output.isVerbose { output.say(line) } }
    }
    if output.isJSON { return try output.result(["services": try await services.statuses()]) { "" } }
    output.say("\(name ?? "All services") started anew; see `dioptra ps`.")
  }
}
