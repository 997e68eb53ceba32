import ArgumentParser
import DioptraKitCore

struct RenameCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rename",
    abstract: "Gives the deployment another project_slug, and moves its data along.",
    discussion: """
      The names of volumes, services, networks and some files begin with project_slug. The deployment is stopped, each \
      volume is copied and compared, files are rendered with the new names, the steps of initialisation run, and then the \
      old volumes are removed. The same command with the old name goes back. Interrupted, the same command finishes it.

      EXAMPLES:
        dioptra rename vision-lab --dry-run
        dioptra rename vision-lab
        dioptra rename vision-lab --keep-old
      """
  )

  @Argument(help: "The new project_slug.") var slug: String

  @Flag(help: "Keep the volumes of the old names.") var keepOld = false

  @Flag(help: "Show what would be done and write nothing. Exit code 2, or 3 on conflicts.") var dryRun = false

  @OptionGroup(title: "Conflicts between your edits and the new names") var conflict: ConflictOptions

  @OptionGroup var options: GlobalOptions

  /// What is moved.
  struct Report: Encodable {
    struct Volume: Encodable {
      let from: String
      let to: String
    }

    let from: String
    let to: String
    let volumes: [Volume]
    let changes: [FolderPlan.Entry]
    let conflicts: [FolderPlan.Entry]

    init(_ renaming: Renaming) {
      from = renaming.from
      to = renaming.to
      volumes = renaming.volumes.map { Volume(from: $0.old, to: $0.new) }
      changes = renaming.folderPlan.entries.filter { $0.action != .conflict }
      conflicts = renaming.folderPlan.conflicts
    }
  }

  func run() async throws {
    let output = options.output
    let folder = try options.deploymentFolder()
    let operation = RenameOperation(
      to: slug, keepsOld: keepOld, choice: conflict.choice, resolutions: try conflict.resolutions(),
      in: try options.context())
    guard dryRun else {
      let renaming = try await operation.run(folder)
      if output.isJSON { return try output.line(Report(renaming)) }
      return output.say("The deployment is \(renaming.to) now. Start it with `dioptra start`.")
    }
    let report = Report(try operation.preview(folder))
    try output.result(report) { text(report) }
    let code: DioptraError.ExitCode = report.conflicts.isEmpty ? .differences : .conflicts
    throw ExitCode(code.rawValue)
  }

  private func text(_ report: Report) -> String {
    let volumes = report.volumes.map { "  \($0.from) -> \($0.to)\n" }.joined()
    let files = (report.changes + report.conflicts).map { step in
      "  \(step.action.rawValue.padded(to: 8))  \(step.path)\(step.reason.map { ": \($0)" } ?? "")\n"
    }.joined()
    return
      "From \(report.from) to \(report.to). The deployment is stopped first.\n\nVolumes, where they exist:\n\(volumes)\nFiles:\n\(files)"
  }
}
