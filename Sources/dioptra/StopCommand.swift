import ArgumentParser
import DioptraKitCore

struct StopCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop",
    abstract: "Stops the deployment; its data stay.",
    discussion: """
      The containers are removed, the volumes with all data are not.

      EXAMPLES:
        dioptra stop
      """
  )

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let output = options.output
    let hold = try DeploymentHold(options, command: "dioptra stop", duringRestoration: true, evenUnrecorded: true)
    let lifecycle = try await hold.lifecycle()
    try await hold.state.recordingIfPossible(.current.keepingBackup, note: Output.notRecorded) {
      try await lifecycle.stop { line in if output.isVerbose { output.say(line) } }
    }
    if output.isJSON { return try output.result(["services": try await lifecycle.services.statuses()]) { "" } }
    output.say("Stopped. The data stay in their volumes; `dioptra start` goes on with them.")
  }
}
