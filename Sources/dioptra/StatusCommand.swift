import ArgumentParser
import DioptraKitCore
import Plugins

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Shows how the deployment's folder stands to its configuration.",
    discussion: """
      EXAMPLES:
        dioptra status
        dioptra status --json -C /srv/dioptra
      """
  )

  @OptionGroup var options: GlobalOptions

  struct Report: Encodable {
    let folder: String
    let name: String
    let release: String
    let generation: Int?
    /// Whether an earlier command did not get to its end.
    let unfinished: Bool
    let pendingChanges: [FolderUpdate.Step]
    let kept: [String]
    /// The files with both versions of a conflict between marker lines.
    let marked: [String]
  }

  func run() throws {
    let (registry, file, values) = try options.configuration()
    let folder = try options.deploymentFolder()
    let state = try State(readingIn: folder)
    let deployment = try Deployment(
      registry: registry, file: file,
      identity: Identity(deployment: try state?.deployment ?? Identity.unnamed, folder: folder.path),
      secretVersions: try state?.secretVersions() ?? [:])
    let secrets = (try state?.secretValues() ?? SecretValues([:]))
      .completed(for: deployment.blueprint.secrets.map(\.value))
    let update = try FolderUpdate(
      of: folder, to: deployment, state: state, secrets: secrets, configuration: file.text,
      adopted: state == nil ? ReferenceDeployment.committedTree(in: folder, registry, file) : nil)
    let report = Report(
      folder: folder.path, name: values["deployment_name"], release: values["release"],
      generation: try state?.newestGeneration(), unfinished: update.continuesUnfinished, pendingChanges: update.steps,
      kept: update.kept, marked: update.marked)
    try options.output.result(report) { text(report) }
  }

  private func text(_ report: Report) -> String {
    var lines = [
      "\(options.output.bold(report.name)) in \(report.folder)",
      "Release \(report.release), \(report.generation.map { "generation \($0)" } ?? "not initialised yet").",
    ]
    if report.unfinished { lines.append("An earlier command did not get to its end; `dioptra init` finishes it.") }
    if report.pendingChanges.isEmpty {
      lines.append("The files are as dioptra.yaml says.")
    } else {
      lines.append("`dioptra init` would change:")
      lines += report.pendingChanges.map { "  \($0.action.rawValue.padded(to: 8))  \($0.path)" }
    }
    if !report.marked.isEmpty {
      lines += ["With both versions between marker lines, for you to choose:"] + report.marked.map { "  \($0)" }
    }
    if !report.kept.isEmpty { lines += ["Changed by you, and left so:"] + report.kept.map { "  \($0)" } }
    return lines.joined(separator: "\n") + "\n"
  }
}
