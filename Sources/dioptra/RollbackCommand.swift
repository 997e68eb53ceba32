import ArgumentParser
import DioptraKitCore

struct RollbackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Goes back to the files and the configuration of an earlier generation.",
    discussion: """
      The files become a new generation; your edits since then are kept or merged. Passwords stay what they are now. What \
      putting files back cannot undo bars the way: a migration that goes one way, an image that would run in an older \
      version, a volume whose data nothing would use. Each is named, and passed only by its name.

      EXAMPLES:
        dioptra rollback --dry-run
        dioptra rollback 3
        dioptra rollback 3 --allow image:redis
      """
  )

  @Argument(help: "The generation to go back to; the one before the present one by default. See `dioptra history`.")
  var generation: Int?

  @Option(parsing: .singleValue, help: ArgumentHelp("Pass this that bars the way.", valueName: "id"))
  var allow: [String] = []

  @Flag(help: "Show the whole plan and write nothing. Exit code 2 if there is something to do, 3 on conflicts.")
  var dryRun = false

  @OptionGroup(title: "Conflicts between your edits and what was")
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
        "\nThese files are of another version than this dioptra renders, which runs none of their steps.")
    }
    try ChangeReport(report).finish(output)
  }
}
