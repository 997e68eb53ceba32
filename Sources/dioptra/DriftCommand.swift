import ArgumentParser
import DioptraKitCore
import Plugins

struct DriftCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drift",
    abstract: "Shows how the folder differs from what was recorded; accepts edits or puts files back.",
    discussion: """
      Compares contents, permissions, owners and kinds of files with what the last change recorded, and dioptra.yaml with \
      what was rendered. It changes nothing, unless --accept or --repair is given. --accept records what stands there as \
      wanted: it is no difference from then on, and later changes are merged over it. --repair puts back what was \
      recorded, of all files or of some; your own version is kept in .dioptra/kept/. Secrets are named and never shown.

      Exit code 0: no difference. 2: there are some, or some remain. 1: failed.

      EXAMPLES:
        dioptra drift
        dioptra drift --diff config/nginx
        dioptra drift --accept config/nginx/http_proxy.conf
        dioptra drift --repair docker-compose.yml
        dioptra drift --repair
        dioptra drift --engine
      """
  )

  @Argument(help: "Files and folders of the deployment; all without any.") var paths: [String] = []
  @Flag(help: "Show the differences line by line, without secrets.") var diff = false
  @Flag(help: "Record what stands at the paths as wanted.") var accept = false
  @Flag(help: "Put back what was recorded.") var repair = false
  @Flag(
    help: "Also look at the engine: containers, what is in volumes, roles and accounts. Nothing is changed by looking.")
  var engine = false
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if accept, repair { throw ValidationError("Give one of --accept and --repair.") }
    if engine, accept || repair { throw ValidationError("--engine only looks; give it without --accept and --repair.") }
    if accept, paths.isEmpty { throw ValidationError("--accept takes the paths whose edits are wanted.") }
  }

  /// Whether files are compared and nothing else is done: that takes no lock, and needs no threads.
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
