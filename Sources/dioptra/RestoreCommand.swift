import ArgumentParser
import DioptraKitCore

struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Restores a deployment from a backup made by `dioptra backup`.",
    discussion: """
      Reads and verifies the whole file before writing anything; --dry-run runs nothing from it. Without DIR, uses the \
      deployment that contains the current folder; outside a deployment, creates a folder named after the backup's. \
      Volumes keep their names, which begin with project_slug. Afterwards the deployment is initialised and stopped; \
      start it with `dioptra start`.

      Existing files, State and volumes are listed and left alone unless --overwrite is given. Then the old files are \
      kept in .dioptra/kept and the old State next to the new one; data in volumes are replaced permanently.

      If a restoration is interrupted, run the same command again to complete it; until then the deployment does not \
      start.

      EXAMPLES:
        dioptra restore monday.dioptra-backup
        dioptra restore monday.dioptra-backup /srv/dioptra
        dioptra restore monday.dioptra-backup --dry-run
        dioptra restore monday.dioptra-backup --overwrite --passphrase-file /root/passphrase
        dioptra restore monday.dioptra-backup --only-data --overwrite
      """
  )

  @Argument(help: "The backup.") var file: String

  @Argument(help: "The deployment's folder; created if it does not exist.") var directory: String?

  @Flag(help: "Show what would be written and overwritten, without doing it. Exit code 2 if there is something to do.")
  var dryRun = false

  @Flag(help: "Overwrite existing files and data.")
  var overwrite = false

  @Flag(help: "Restore only the folder, with State and secrets. Needs no \(Platforms.words.engine).")
  var withoutData = false

  @Flag(help: "Restore only the data, into the existing deployment.")
  var onlyData = false

  @Option(
    help: ArgumentHelp(
      "Take the passphrase from the first line of a file, or of standard input for -. The environment variable \(Backup.passphraseVariable) does the same.",
      valueName: "file"))
  var passphraseFile: String?

  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if onlyData, withoutData { throw ValidationError("--only-data and --without-data leave nothing to restore.") }
  }

  func run() async throws {
    let backup = try readBackup()
    let operation = try await RestoreOperation(
      of: backup, in: try folder(for: backup), withoutData: withoutData, onlyData: onlyData, try options.context())
    let report = RestoreReport(operation)
    guard !dryRun else {
      try report.show(options.output, isPreview: true)
      throw ExitCode(DioptraError.ExitCode.differences.rawValue)
    }
    if !overwrite, let refusal = operation.overwriteRefusal {
      try report.show(options.output, isPreview: true)
      throw refusal
    }
    if operation.engine != nil, let command = operation.ownCommand {
      Output.note("Note: \(Platforms.words.reader) is run as \(command), as the backup's dioptra.yaml says.")
    }
    try await operation.run(overwriting: overwrite)
    try report.show(options.output, isPreview: false)
  }

  private func readBackup() throws -> Backup {
    let path = options.absolute(file)
    var secret = try Passphrase.given(passphraseFile, options)
    if secret == nil, options.mayAsk, try Backup.isEncrypted(at: path) {
      secret = try Passphrase.asked("Passphrase of \(file): ")
    }
    return try Backup(at: path, passphrase: secret)
  }

  private func folder(for backup: Backup) throws -> String {
    guard directory == nil || options.folder == nil else {
      throw DioptraError(.usage, "DIR and -C both name the folder", remedy: "Give one of them")
    }
    if let given = directory ?? options.folder { return DeploymentFolder.canonical(options.absolute(given)) }
    return DeploymentFolder.find(from: options.absolute(".")) ?? options.absolute(backup.origin.slug)
  }
}
