import DioptraKitCore

/// What `init` did, or would do.
struct InitReport: Encodable {
  struct Change: Encodable {
    let path: String
    let action: FileAction
  }

  struct Step: Encodable {
    let id: String
    let title: String
    /// Why the step is due; nil where no engine could be asked.
    var reason: String?
  }

  let folder: String
  let isNew: Bool
  let changes: [Change]
  /// The files whose edits are kept.
  let kept: [String]
  let conflicts: [FolderPlan.Entry]
  /// The files with conflict markers.
  let marked: [String]
  /// The steps that are to run on an engine.
  private(set) var steps: [Step]
  private let isDryRun: Bool
  /// Whether it is known which steps are due.
  private var isPlanned = false
  /// Why the engine was not asked which steps are due; nil if it was.
  private var withoutEngine: String?

  enum CodingKeys: String, CodingKey {
    case folder, isNew = "new", changes, kept, conflicts, marked, steps = "pendingSteps"
  }

  init(_ report: InitOperation.Report, isDryRun: Bool = false) {
    folder = report.folder
    isNew = report.isNew
    self.isDryRun = isDryRun
    if let folderPlan = report.folderPlan {
      // A new folder always has a configuration.
      let written = isNew ? folderPlan.entries : folderPlan.allEntries
      changes = written.filter { $0.action != .conflict }.map { Change(path: $0.path, action: $0.action) }
    } else {
      changes = report.deployment.tree.files.map { Change(path: $0.path, action: .create) }
    }
    kept = report.folderPlan?.kept ?? []
    conflicts = report.folderPlan?.conflicts ?? []
    marked = report.folderPlan?.marked ?? []
    steps = Self.steps(of: report.deployment)
    guard let preview = report.steps else { return }
    isPlanned = true
    withoutEngine = preview.withoutEngine
    steps = preview.plan.due.map {
      Step(id: $0.step.id.rawValue, title: $0.step.title, reason: $0.reason?.description)
    }
  }

  private static func steps(of deployment: Deployment) -> [Step] {
    deployment.blueprint.steps.filter { $0.skip?.isChosen != true }.map { Step(id: $0.id.rawValue, title: $0.title) }
  }

  /// The report after all steps have run.
  func initialized() -> InitReport {
    var report = self
    report.steps = []
    return report
  }

  /// Whether a dry run ends with the exit code for differences: files to change, or steps that are known to be due.
  var isSomethingToDo: Bool { !changes.isEmpty || (isPlanned && !steps.isEmpty) }

  func show(_ output: Output) throws {
    if output.isJSON { try output.line(self) } else { output.say(text(output)) }
  }

  func text(_ output: Output) -> String {
    var lines = [headline] + (isNew ? [] : changes.map { "  \($0.action.rawValue.padded(to: 6))  \($0.path)" })
    if !conflicts.isEmpty {
      lines +=
        ["", "Conflicts; nothing is written until you resolve them:"]
        + conflicts.map { "  \($0.path): \($0.reason ?? "")" }
    }
    if !marked.isEmpty {
      lines += ["", "These files contain conflict markers. Resolve them before you start the deployment:"]
      lines += marked.map { "  \($0)" }
    }
    if !kept.isEmpty { lines += ["", "Your edits, kept:"] + kept.map { "  \($0)" } }
    return (lines + stepLines(output)).joined(separator: "\n")
  }

  private var headline: String {
    if changes.isEmpty, conflicts.isEmpty { return "\(folder): nothing to change." }
    let files = changes.count == 1 ? "1 file" : "\(changes.count) files"
    if isNew { return "\(folder): \(files) \(isDryRun ? "to write" : "written")." }
    return "\(folder): \(files) \(isDryRun ? "to update" : "updated")."
  }

  private func stepLines(_ output: Output) -> [String] {
    if isPlanned, steps.isEmpty {
      return ["All steps of initialisation have run\(withoutEngine.map { ", according to the records: \($0)" } ?? "")."]
    }
    // When the steps run now, the progress view shows them.
    guard !isPlanned || isDryRun, isNew || isDryRun || output.isVerbose else { return isPlanned ? [""] : [] }
    return ["", "Pending steps:"]
      + steps.map { "  \($0.title)" + ($0.reason.map { ": \($0)" } ?? "") }
      + (withoutEngine.map { ["", "There may be more: \($0)."] } ?? [])
  }
}
