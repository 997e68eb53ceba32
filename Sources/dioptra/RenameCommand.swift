import ArgumentParser
import DioptraKitCore

struct RenameCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rename",
    abstract: "Changes the deployment's project_slug and moves its data.",
    discussion: """
      The names of volumes, services, networks and some files begin with project_slug. Renaming stops the deployment, \
      copies each volume and compares the copy, renders the files with the new names, runs the steps of \
      initialisation, and then removes the old volumes. If it is interrupted, run the same command again to complete \
      it. To undo it, rename the deployment back.

      EXAMPLES:
        dioptra rename vision-lab --dry-run
        dioptra rename vision-lab
        dioptra rename vision-lab --keep-old
      """
  )

  @Argument(help: "The new project_slug.") var slug: String

  @Flag(help: "Keep the old volumes.") var keepOld = false

  @Flag(help: "Show what would be done, without writing anything. Exit code 2, or 3 on conflicts.") var dryRun = false

  @OptionGroup(title: "Conflicts between your edits and the new names") var conflict: ConflictOptions

  @OptionGroup var options: GlobalOptions

  /// What is renamed.
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
      return output.say("The deployment is now \(renaming.to). Start it with `dioptra start`.")
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
