import DioptraKitCore

/// What `init` did, or would do.
struct InitReport: Encodable {
  struct Change: Encodable {
    let path: String
    let action: Outcome
  }

  struct Step: Encodable {
    let id: String
    let title: String
  }

  let folder: String
  let isNew: Bool
  let changes: [Change]
  /// The files whose version of the user's stays.
  let kept: [String]
  let conflicts: [FolderUpdate.Step]
  /// The files with both versions between marker lines.
  let marked: [String]
  /// The steps that initialise the deployment on an engine, none of which has run.
  let steps: [Step]

  enum CodingKeys: String, CodingKey {
    case folder, isNew = "new", changes, kept, conflicts, marked, steps = "pendingSteps"
  }

  init(_ choices: Choices, _ deployment: Deployment, changes: [Change]) {
    folder = choices.folder
    isNew = choices.kind == .empty
    self.changes = changes
    kept = []
    conflicts = []
    marked = []
    steps = Self.steps(of: deployment)
  }

  init(_ choices: Choices, _ deployment: Deployment, _ update: FolderUpdate) {
    folder = choices.folder
    isNew = choices.kind == .empty
    changes = update.steps.filter { $0.action != .conflict }.map { Change(path: $0.path, action: $0.action) }
    kept = update.kept
    conflicts = update.conflicts
    marked = update.marked
    steps = Self.steps(of: deployment)
  }

  private static func steps(of deployment: Deployment) -> [Step] {
    deployment.blueprint.steps.filter { $0.skip?.isChosen != true }.map { Step(id: $0.id.rawValue, title: $0.title) }
  }

  func text(_ output: Output, isDryRun: Bool) -> String {
    var lines: [String] = []
    if changes.isEmpty, conflicts.isEmpty {
      lines.append("\(folder): nothing to change.")
    } else if isNew {
      lines.append("\(folder): \(changes.count) files \(isDryRun ? "to write" : "written").")
    } else {
      let files = changes.count == 1 ? "1 file" : "\(changes.count) files"
      lines.append("\(folder): \(files) \(isDryRun ? "to bring" : "brought") up to date.")
      lines += changes.map { "  \($0.action.rawValue.padded(to: 6))  \($0.path)" }
    }
    if !conflicts.isEmpty {
      lines += ["", "To be decided:"] + conflicts.map { "  \($0.path): \($0.reason ?? "")" }
    }
    if !marked.isEmpty {
      lines += ["", "These have both versions between marker lines. Choose by hand before you start the deployment:"]
      lines += marked.map { "  \($0)" }
    }
    if !kept.isEmpty { lines += ["", "Left as you changed them:"] + kept.map { "  \($0)" } }
    if isNew || output.isVerbose {
      lines += ["", "Pending steps:"] + steps.enumerated().map { "  \($0.offset + 1). \($0.element.title)" }
      lines += ["", "Next, on a host with Docker: \(folder)/init-deployment.sh"]
    } else if !changes.isEmpty, !isDryRun {
      lines += ["", "To bring it to the running deployment: stop it, then \(folder)/init-deployment.sh"]
    }
    return lines.joined(separator: "\n")
  }
}
