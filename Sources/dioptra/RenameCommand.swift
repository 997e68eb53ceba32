import ArgumentParser
import DioptraKitCore
import Plugins

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
    let changes: [FolderUpdate.Step]
    let conflicts: [FolderUpdate.Step]

    init(_ renaming: Renaming) {
      from = renaming.from
      to = renaming.to
      volumes = renaming.volumes.map { Volume(from: $0.old, to: $0.new) }
      changes = renaming.update.steps.filter { $0.action != .conflict }
      conflicts = renaming.update.conflicts
    }
  }

  func run() async throws {
    dryRun ? try preview() : try await rename()
  }

  private func preview() throws {
    let folder = try options.deploymentFolder()
    guard let state = try State(readingIn: folder) else { throw options.notInitialized(folder) }
    let report = Report(try plan(folder, state))
    try options.output.result(report) { text(report) }
    let code: DioptraError.ExitCode = report.conflicts.isEmpty ? .differences : .conflicts
    throw ExitCode(code.rawValue)
  }

  private func rename() async throws {
    let output = options.output
    let hold = try FolderHold(options, command: "dioptra rename")
    let (folder, state) = (hold.folder, hold.state)
    let renaming = try plan(folder, state)
    let engine = try await Platforms.standard.engine(for: renaming.before).engine
    let move = VolumeMove(renaming, in: folder, state, on: engine)
    try await state.recording(.current) { record in
      guard renaming.update.conflicts.isEmpty else {
        return Output.note(try renaming.update.apply(to: state, run: record.begin(), now: .now))
      }
      if !renaming.isApplied {
        try await Lifecycle(of: renaming.before, in: folder, state, on: engine).stop { _ in }
        try await move.check()
        _ = try record.begin()
        try await move.copy { output.say("  \(output.green("✓")) \($0)") }
        Output.note(try renaming.update.apply(to: state, run: record.begin(), now: .now))
      }
      let steps = try await DeploymentSteps(of: renaming.deployment, in: folder, output: output)
      _ = try await steps.run(record, state: state) { _ in }
      if !keepOld { try await move.removeOld() }
      try state.endRenaming(now: .now)
    }
    if output.isJSON { return try output.line(Report(renaming)) }
    output.say("The deployment is \(renaming.to) now. Start it with `dioptra start`.")
    if let note = try overrideNote(folder, renaming) { Output.note(note) }
  }

  /// Files of the user's own are not touched.
  private func overrideNote(_ folder: ConfinedFolder, _ renaming: Renaming) throws -> String? {
    let file = "docker-compose.override.yml"
    guard let bytes = try folder.read(file),
      String(decoding: bytes, as: UTF8.self).contains("\(renaming.from)-")
    else { return nil }
    return
      "Note: \(file) names services that begin with \(renaming.from)-: change them to \(renaming.to)- before you start."
  }

  private func plan(_ folder: ConfinedFolder, _ state: State) throws -> Renaming {
    let registry = try ReferenceDeployment.registry()
    let file = try options.configurationFile(in: folder)
    let configuration = try Configuration(registry: registry, chosen: file.values, disabled: file.disabled)
    try state.requireUpToDate(registry, for: configuration, renaming: true)
    return try Renaming(
      of: folder, state: state, registry: registry, file: file, to: slug, choice: conflict.choice,
      resolutions: conflict.resolutions())
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
