import ArgumentParser
import DioptraKitCore

struct PsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ps",
    abstract: "Lists the services and their health.",
    discussion: """
      EXAMPLES:
        dioptra ps
        dioptra ps --json
      """
  )

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let view = try options.view()
    let services = try await view.services()
    let statuses = try await services.statuses()
    try options.output.result(["services": statuses]) {
      options.output.table(
        ["SERVICE", "STATE", "HEALTH", "PORTS"],
        statuses.map { [$0.service, $0.state, $0.health, $0.ports.joined(separator: " ")] })
    }
  }
}
