import ArgumentParser
import DioptraKitCore
import Plugins

struct RestartCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restart",
    abstract: "Recreates and restarts all services, or one.",
    discussion: """
      Their containers are recreated, so that changed settings and images take effect.

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
    let lifecycle = try await hold.lifecycle()
    let services = lifecycle.services
    let name = if let service { try await services.name(service) } else { nil as String? }
    try await hold.state.recordingIfPossible(.current, note: Output.notRecorded) {
      try await lifecycle.tellDueSteps(ReferenceDeployment.registry())
      try await lifecycle.start(name, recreated: true) { line in if output.isVerbose { output.say(line) } }
    }
    if output.isJSON { return try output.result(["services": try await services.statuses()]) { "" } }
    output.say("\(name ?? "All services") restarted; see `dioptra ps`.")
  }
}
