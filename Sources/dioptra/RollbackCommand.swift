import ArgumentParser
import DioptraKitCore

struct RollbackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Rolls back to the files and configuration of an earlier generation.",
    discussion: """
      The restored files become a new generation; your edits since then are kept or merged, and passwords do not \
      change. Changes that restoring files cannot undo block the rollback: a one-way migration, an image that would be \
      downgraded, a volume that nothing would use any more. Override each with --allow ID.

      EXAMPLES:
        dioptra rollback --dry-run
        dioptra rollback 3
        dioptra rollback 3 --allow image:redis
      """
  )

  @Argument(help: "The generation to roll back to; by default the previous one. See `dioptra history`.")
  var generation: Int?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("Override this barrier, as --dry-run names it. Repeatable.", valueName: "id"))
  var allow: [String] = []

  @Flag(help: "Show the whole plan, without writing anything. Exit code 2 if there is something to do, 3 on conflicts.")
  var dryRun = false

  @OptionGroup(title: "Conflicts between your edits and the old versions")
  var conflict: ConflictOptions

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let output = options.output
    let folder = try options.deploymentFolder()
    let request = RollbackOperation.Request(
      generation: generation, allowed: Set(allow), choice: conflict.choice, resolutions: try conflict.resolutions())
    let operation = RollbackOperation(request, in: try options.context())
    guard !dryRun else {
      return try ChangeReport(try await operation.preview(folder), isDryRun: true).finishDryRun(output)
    }
    let report = try await operation.run(folder) { report in
      if !output.isJSON { output.say(try ChangeReport(report).text(output)) }
    }
    guard report.rendersSteps else {
      if output.isJSON { try output.line(ChangeReport(report)) }
      return output.say(
        "\nThese files belong to another version of dioptra; this one cannot run their steps.")
    }
    try ChangeReport(report).finish(output)
  }
}
