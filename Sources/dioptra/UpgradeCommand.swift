import ArgumentParser
import DioptraKitCore
import Plugins

struct UpgradeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "upgrade",
    abstract: "Brings the deployment to what this version of dioptra makes of it, or to another release of Dioptra.",
    discussion: """
      Applies the migrations that the deployment has before it, renders its files anew, merges your edits, and runs the \
      steps of initialisation whose inputs changed. The release of Dioptra stays what it is unless --release is given. \
      Files that are yours, such as docker-compose.override.yml and certificates, are never touched.

      A migration that cannot be undone needs a backup made since the last run, or to be allowed by its name. The \
      deployment has to be stopped where steps reach into its volumes.

      EXAMPLES:
        dioptra upgrade --dry-run
        dioptra backup && dioptra stop && dioptra upgrade --release 1.2.2 && dioptra start --wait
        dioptra upgrade --resolve config/nginx/http_restapi.conf=theirs
      """
  )

  @Option(help: ArgumentHelp("Move to this release of Dioptra.", valueName: "release")) var release: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue, help: ArgumentHelp("Choose a value.", valueName: "name=value"))
  var assignments: [Assignment] = []

  @Option(
    name: .customLong("allow-one-way"), parsing: .singleValue,
    help: ArgumentHelp("Apply this migration although there is no way back and no backup.", valueName: "id"))
  var allowed: [String] = []

  @Flag(help: "Show the whole plan and write nothing. Exit code 2 if there is something to do, 3 on conflicts.")
  var dryRun = false

  @OptionGroup(title: "Conflicts between your edits and what is new")
  var conflict: ConflictOptions

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let context = try options.context()
    let operation = UpgradeOperation(try request(context.registry), in: context)
    let folder = try options.deploymentFolder()
    guard !dryRun else {
      return try ChangeReport(try await operation.preview(folder), isDryRun: true).finishDryRun(options.output)
    }
    let output = options.output
    let report = try await operation.run(folder) { report in
      if !output.isJSON { output.say(try ChangeReport(report).text(output)) }
    }
    try ChangeReport(report).finish(output)
  }

  private func request(_ registry: ComponentRegistry) throws -> UpgradeRequest {
    let values = try assignments.map { assignment in
      let variable = try registry.variable(assignment.name)
      return (variable.name, try variable.accepted(assignment.value, absolute: options.absolute))
    }
    return UpgradeRequest(
      release: release, values: Dictionary(values) { $1 }, allowed: Set(allowed.map { MigrationID($0) }),
      choice: conflict.choice, resolutions: try conflict.resolutions())
  }
}
