import ArgumentParser
import DioptraKitCore

struct StopCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop",
    abstract: "Stops the deployment and keeps its data.",
    discussion: """
      Removes the containers and keeps the volumes with all data.

      EXAMPLES:
        dioptra stop
      """
  )

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let output = options.output
    let operation = LifecycleOperation(try options.deploymentFolder(), in: try options.context())
    let services = try await operation.stop { line in if output.isVerbose { output.say(line) } }
    if output.isJSON { return try output.result(["services": try await services.statuses()]) { "" } }
    output.say("Stopped. The data are kept in the volumes; `dioptra start` starts the deployment again.")
  }
}
