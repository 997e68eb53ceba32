import ArgumentParser
import DioptraKitCore

struct UpgradeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "upgrade",
    abstract: "Upgrades the deployment to this version of dioptra, or to another release of Dioptra.",
    discussion: """
      Applies the pending migrations, renders the files again, merges your edits, and runs the steps of initialisation \
      whose inputs changed. The release of Dioptra does not change unless --release is given. Your own files, such as \
      \(Platforms.words.ownFile) and certificates, are never touched.

      A one-way migration needs a backup made since the last run, or --allow-one-way ID. Stop the deployment first if \
      steps touch its volumes.

      EXAMPLES:
        dioptra upgrade --dry-run
        dioptra backup && dioptra stop && dioptra upgrade --release 1.2.2 && dioptra start --wait
        dioptra upgrade --resolve config/nginx/http_restapi.conf=theirs
      """
  )

  @Option(help: ArgumentHelp("Upgrade to this release of Dioptra.", valueName: "release")) var release: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Set a variable. Repeatable.", valueName: "name=value"))
  var assignments: [Assignment] = []

  @Option(
    name: .customLong("allow-one-way"), parsing: .singleValue,
    help: ArgumentHelp(
      "Apply this migration without a backup, although it cannot be undone. Repeatable.", valueName: "id"))
  var allowed: [String] = []

  @Flag(help: "Show the whole plan, without writing anything. Exit code 2 if there is something to do, 3 on conflicts.")
  var dryRun = false

  @OptionGroup(title: "Conflicts between your edits and new versions")
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
