import ArgumentParser
import DioptraKitCore
import FoundationEssentials
import Glibc
import Plugins

struct AdoptCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "adopt",
    abstract: "Takes over a deployment made by the reference template, or one that lost its state.",
    discussion: """
      Reads the deployment from its folder: release, choices, secrets, and the lines that you edited. It adds \
      dioptra.yaml and .dioptra/ and changes no other file. The deployment can keep running. Afterwards `dioptra \
      drift` is clean, and `dioptra upgrade --dry-run` shows what this version would change.

      Where \(Platforms.words.engine) is installed, images under a moving tag are pinned to what is running, and the \
      deployment's volumes are claimed. Where files disagree about a secret, nothing is done until you choose one with \
      --take.

      Exit code 0: adopted, or already managed. 2: --dry-run found something to adopt. 1: failed.

      EXAMPLES:
        dioptra adopt /srv/dioptra-deployment --dry-run
        dioptra adopt /srv/dioptra-deployment
        dioptra adopt . --take minio_root_password=.env
      """
  )

  @Argument(help: "The deployment's folder; by default the current one.") var directory: String?

  @Option(
    name: .customLong("take"), parsing: .singleValue,
    help: ArgumentHelp(
      "Where to take a secret from when files disagree about it: NAME=PATH or NAME=PATH:LINE. Repeatable.",
      valueName: "name=path"))
  var taken: [Assignment] = []

  @Flag(help: "Show what would be recorded, without writing anything.") var dryRun = false

  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if directory != nil, options.folder != nil { throw ValidationError("DIR and -C both name the folder; give one.") }
  }

  func run() async throws {
    let path = DeploymentFolder.canonical(options.absolute(directory ?? options.folder ?? "."))
    let operation = AdoptOperation(
      path, fingerprints: try ReferenceDeployment.fingerprints(json: Self.otherFingerprints()),
      taking: Dictionary(taken.map { (SecretName($0.name), $0.value) }) { _, last in last }, in: try options.context())
    let found =
      dryRun ? try await operation.preview(deciding: decide) : try await operation.run(deciding: decide)
    let report = AdoptReport(found, of: path, isDryRun: dryRun)
    try options.output.result(report) { report.text(options.output) }
    if dryRun, !report.isManagedAlready { throw ExitCode(DioptraError.ExitCode.differences.rawValue) }
  }

  /// Asks which value of each secret is the right one.
  private func decide(_ disagreements: SecretDisagreements) throws -> [SecretName: String] {
    guard options.mayAsk else { throw disagreements.error }
    return try Dictionary(disagreements.all.map { ($0.secret, try place($0)) }) { $1 }
  }

  private func place(_ disagreement: SecretDisagreements.Disagreement) throws -> String {
    let choices = disagreement.groups.enumerated().map { "  \($0.offset + 1)  \($0.element.joined(separator: ", "))\n" }
    Terminal.show("\nThe secret \(disagreement.secret) is not the same everywhere:\n\(choices.joined())")
    while true {
      guard let line = try Terminal.answer(to: "Which one does the deployment use? ") else {
        throw DioptraError(
          .interrupted, "the input ended before \(disagreement.secret) was decided", remedy: "Use --take")
      }
      if let number = Int(line.trimming(" \t")), disagreement.groups.indices.contains(number - 1) {
        return disagreement.groups[number - 1][0]
      }
    }
  }

  /// Tests bring fingerprints of their own folders. Only debug builds listen.
  private static func otherFingerprints() throws -> String? {
    #if DEBUG
      guard let path = getenv("DIOPTRA_REFERENCE_FINGERPRINTS").map({ String(cString: $0) }) else { return nil }
      return try String(contentsOfFile: path, encoding: .utf8)
    #else
      return nil
    #endif
  }
}
