import ArgumentParser
import DioptraKitCore

struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Brings a deployment back from a file of `dioptra backup`.",
    discussion: """
      Reads the whole file before anything is written; nothing that is in it is run with --dry-run. Without DIR, the deployment that the current folder is part of; \
      outside one, a folder named after the backup's deployment. The volumes are those of the deployment's project_slug, \
      as before. Afterwards the deployment is initialised and stopped: `dioptra start` brings it up.

      What is there already is named and stays as it is, unless --overwrite is given. Files that are overwritten are kept \
      in .dioptra/kept, and the State that was there beside the new one; data in volumes are replaced for good.

      A restoration that was interrupted is finished by the same command; until then the deployment does not start.

      EXAMPLES:
        dioptra restore monday.dioptra-backup
        dioptra restore monday.dioptra-backup /srv/dioptra
        dioptra restore monday.dioptra-backup --dry-run
        dioptra restore monday.dioptra-backup --overwrite --passphrase-file /root/passphrase
        dioptra restore monday.dioptra-backup --only-data --overwrite
      """
  )

  @Argument(help: "The backup.") var file: String

  @Argument(help: "The folder to make, or of the deployment.") var directory: String?

  @Flag(help: "Say what would be written and overwritten, and do nothing. Exit code 2 if there is something.")
  var dryRun = false

  @Flag(help: "Replace what is there already.")
  var overwrite = false

  @Flag(help: "Restore the folder with State and secrets only. Needs no Docker.")
  var withoutData = false

  @Flag(help: "Restore the data only, into the same deployment as it is now.")
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
    let restoration = operation.restoration
    let report = RestoreReport(restoration, hasData: operation.engine != nil, volumes: operation.volumes)
    guard !dryRun else {
      try report.show(options.output, isPreview: true)
      throw ExitCode(DioptraError.ExitCode.differences.rawValue)
    }
    if report.isOverwriting, !overwrite, !restoration.plan.isContinued {
      try report.show(options.output, isPreview: true)
      throw DioptraError(
        .overwriteRefused, "\(restoration.path) is not empty: the files listed above would be overwritten",
        remedy: "Give another folder, or allow it with --overwrite")
    }
    if operation.engine != nil, let words = restoration.ownCommand(on: Platforms.standard) {
      Output.note("Note: Compose is called as \(words), as the backup's dioptra.yaml says.")
    }
    try await operation.run()
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
