import ArgumentParser
import DioptraKitCore

struct RestartCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restart",
    abstract: "Recreates and restarts all services, or one.",
    discussion: """
      The containers are recreated, so that changed settings and images take effect.

      EXAMPLES:
        dioptra restart
        dioptra restart nginx
      """
  )

  @Argument(help: "The service, with or without the deployment's prefix.") var service: String?
  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let output = options.output
    let operation = LifecycleOperation(try options.deploymentFolder(), in: try options.context())
    let (name, services) = try await operation.restart(service) { line in
      if output.isVerbose { output.say(line) }
    }
    if output.isJSON { return try output.result(["services": try await services.statuses()]) { "" } }
    output.say("\(name ?? "All services") restarted; see `dioptra ps`.")
  }
}
