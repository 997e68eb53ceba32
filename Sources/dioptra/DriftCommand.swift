import ArgumentParser
import DioptraKitCore

struct DriftCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drift",
    abstract: "Compares the folder with what was recorded; accepts edits or restores files.",
    discussion: """
      Compares the content, permissions, owner and type of each file with what the last change recorded, and \
      dioptra.yaml with what was rendered. Read-only without --accept and --repair. --accept records your edits: they \
      are no longer reported, and later changes are merged into them. --repair restores what was recorded, for all \
      files or for the given ones, and keeps your version in .dioptra/kept/. Secrets are named but never shown.

      Exit code 0: no differences. 2: there are differences, or some remain. 1: failed.

      EXAMPLES:
        dioptra drift
        dioptra drift --diff config/nginx
        dioptra drift --accept config/nginx/http_proxy.conf
        dioptra drift --repair \(Platforms.words.file)
        dioptra drift --repair
        dioptra drift --engine
      """
  )

  @Argument(help: "Files and folders of the deployment; by default all.") var paths: [String] = []
  @Flag(help: "Show the differences line by line, without secrets.") var diff = false
  @Flag(help: "Record the files at these paths as they are now.") var accept = false
  @Flag(help: "Restore what was recorded.") var repair = false
  @Flag(
    help: "Also check the engine: containers, contents of volumes, roles and accounts. Read-only.")
  var engine = false
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if accept, repair { throw ValidationError("Give one of --accept and --repair.") }
    if engine, accept || repair {
      throw ValidationError("--engine is read-only; do not combine it with --accept or --repair.")
    }
    if accept, paths.isEmpty { throw ValidationError("--accept needs the paths of the edits to record.") }
  }

  /// Whether the command only compares files, which takes no lock and needs no threads.
  var onlyLooksAtFiles: Bool { !accept && !repair && !engine }

  func run() async throws {
    let drift = try DriftAudit(options, at: paths, withDiffs: diff)
    if accept { return try end(with: try await drift.accept()) }
    if repair { return try end(with: try await drift.repair()) }
    try end(with: try await drift.reportWithEngine())
  }

  func look() throws {
    try end(with: try DriftAudit(options, at: paths, withDiffs: diff).report())
  }

  private func end(with report: DriftReport) throws {
    try report.show(options.output)
    if !report.clean { throw ExitCode(DioptraError.ExitCode.differences.rawValue) }
  }
}
