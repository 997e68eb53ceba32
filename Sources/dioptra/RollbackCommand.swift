import ArgumentParser
import DioptraKitCore
import Plugins

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
    guard dryRun else { return try await goBack() }
    let folder = try options.deploymentFolder()
    guard let state = try State(readingIn: folder) else { throw options.notInitialized(folder) }
    let rollback = try plan(folder, state)
    var report = try ChangeReport(rollback, isDryRun: true)
    if let deployment = rollback.deployment {
      let steps = try await DeploymentSteps(of: deployment, in: folder, output: options.output)
      report.take(try await steps.preview(state: state, after: rollback.update))
    }
    try report.finishDryRun(options.output)
  }

  private func goBack() async throws {
    let now = Timestamp.now
    let hold = try FolderHold(options, command: "dioptra rollback")
    let (folder, state) = (hold.folder, hold.state)
    let rollback = try plan(folder, state)
    try await state.recording(.current) { record in
      var report = try ChangeReport(rollback)
      var steps: DeploymentSteps?
      if let deployment = rollback.deployment {
        steps = try await DeploymentSteps(of: deployment, in: folder, output: options.output)
      }
      if !rollback.isNothingToDo {
        if rollback.update.conflicts.isEmpty {
          try rollback.requireAllowance(Set(allow))
          try await steps?.check(state: state, after: rollback.update)
        }
        Output.note(try rollback.update.apply(to: state, run: record.begin(), now: now))
      }
      guard let steps else {
        try report.show(options.output)
        return options.output.say(
          "\nThese files are of another version than this dioptra renders, which runs none of their steps.")
      }
      try await report.finish(steps, record, state: state, options.output)
    }
  }

  private func plan(_ folder: ConfinedFolder, _ state: State) throws -> Rollback {
    try Rollback(
      of: folder, state: state, registry: ReferenceDeployment.registry(),
      file: options.configurationFile(in: folder), to: generation, choice: conflict.choice,
      resolutions: conflict.resolutions())
  }
}
