import ArgumentParser
import DioptraKitCore
import FoundationEssentials
import Glibc
import Plugins

struct AdoptCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "adopt",
    abstract: "Takes over a deployment that the reference template made, or one whose state was lost.",
    discussion: """
      Reads what the folder says about its deployment: release, choices, secrets, and which lines of its files are yours. \
      It changes no file: it adds dioptra.yaml and what dioptra remembers. The deployment may go on running. Afterwards \
      `dioptra drift` is clean, and `dioptra upgrade --dry-run` shows what this version would change.

      With a Docker engine, images that run under a tag that moves are pinned to what really runs, and the deployment's \
      volumes are claimed. Where files do not agree about a secret, nothing is done until you say which place is right.

      Exit code 0: adopted, or managed already. 2: --dry-run, and there is something to adopt. 1: failed.

      EXAMPLES:
        dioptra adopt /srv/dioptra-deployment --dry-run
        dioptra adopt /srv/dioptra-deployment
        dioptra adopt . --take minio_root_password=.env
      """
  )

  @Argument(help: "The deployment's folder; the current one without it.") var directory: String?

  @Option(
    name: .customLong("take"), parsing: .singleValue,
    help: ArgumentHelp(
      "Where the right value of a secret stands that is not the same everywhere: NAME=PATH or NAME=PATH:LINE.",
      valueName: "name=path"))
  var taken: [Assignment] = []

  @Flag(help: "Say what would be recorded and write nothing.") var dryRun = false

  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if directory != nil, options.folder != nil { throw ValidationError("DIR and -C both name the folder; give one.") }
  }

  func run() async throws {
    let path = DeploymentFolder.canonical(options.absolute(directory ?? options.folder ?? "."))
    let operation = AdoptOperation(
      path, figures: try ReferenceDeployment.figures(json: Self.otherFigures()),
      taking: Dictionary(taken.map { (SecretName($0.name), $0.value) }) { _, last in last }, in: try options.context())
    let found =
      dryRun ? try await operation.preview(deciding: decide) : try await operation.run(deciding: decide)
    let report = AdoptReport(found, of: path, isDryRun: dryRun)
    try options.output.result(report) { report.text(options.output) }
    if dryRun, !report.isManagedAlready { throw ExitCode(DioptraError.ExitCode.differences.rawValue) }
  }

  /// Asks which place of each secret is right.
  private func decide(_ disagreements: SecretDisagreements) throws -> [SecretName: String] {
    guard options.mayAsk else { throw disagreements.error }
    return try Dictionary(disagreements.all.map { ($0.secret, try place($0)) }) { $1 }
  }

  private func place(_ disagreement: SecretDisagreements.Disagreement) throws -> String {
    let choices = disagreement.groups.enumerated().map { "  \($0.offset + 1)  \($0.element.joined(separator: ", "))\n" }
    Terminal.show("\nThe secret \(disagreement.secret) is not the same everywhere:\n\(choices.joined())")
    while true {
      guard let line = try Terminal.answer(to: "Which one does the deployment run with? ") else {
        throw DioptraError(
          .interrupted, "the input ended before \(disagreement.secret) was decided", remedy: "Use --take")
      }
      if let number = Int(line.trimming(" \t")), disagreement.groups.indices.contains(number - 1) {
        return disagreement.groups[number - 1][0]
      }
    }
  }

  /// Tests bring figures of their own folders. Only debug builds listen.
  private static func otherFigures() throws -> String? {
    #if DEBUG
      guard let path = getenv("DIOPTRA_REFERENCE_FIGURES").map({ String(cString: $0) }) else { return nil }
      return try String(contentsOfFile: path, encoding: .utf8)
    #else
      return nil
    #endif
  }
}
