import DioptraKitCore

/// What `restore` did, or would do.
struct RestoreReport: Encodable {
  let folder: String
  let backup: BackupOrigin
  let changes: [RestorationPlan.Entry]
  /// The volumes whose data are replaced.
  let volumes: [String]
  /// Whether the data are restored as well.
  let hasData: Bool
  private let isContinued: Bool
  /// How the platform is run, if the backup sets its own command.
  private let ownCommand: String?

  enum CodingKeys: String, CodingKey {
    case folder, backup, changes, volumes, hasData = "data"
  }

  init(_ operation: RestoreOperation) {
    let restoration = operation.restoration
    folder = restoration.path
    backup = restoration.backup.origin
    changes = restoration.plan.changes
    volumes = operation.volumes
    hasData = operation.engine != nil
    isContinued = restoration.plan.isContinued
    ownCommand = operation.ownCommand
  }

  private var overwritten: [String] { changes.filter { $0.action == .overwrite }.map(\.path) }

  /// - Parameter isPreview: Whether nothing has been done yet.
  func show(_ output: Output, isPreview: Bool) throws {
    if output.isJSON { return try output.line(self) }
    output.say(text(isPreview))
  }

  private func text(_ isPreview: Bool) -> String {
    let would = isPreview ? "would be " : ""
    let created = changes.filter { $0.action == .create }.count
    var lines = [
      "\(folder): the deployment \(backup.slug) as of \(backup.createdAt)\(isContinued ? ", resumed" : "")"
    ]
    if !changes.isEmpty { lines.append("  \(created) \(created == 1 ? "file" : "files") \(would)written") }
    if !overwritten.isEmpty {
      lines.append(
        "  files \(would)overwritten (the old ones are kept in .dioptra): \(overwritten.joined(separator: ", "))")
    }
    if !volumes.isEmpty {
      lines.append(
        "  volumes whose data \(isPreview ? "would be" : "are") replaced: \(volumes.joined(separator: ", "))")
    }
    if isPreview, hasData, let ownCommand { lines.append("  \(Platforms.words.reader) would be run as \(ownCommand)") }
    if hasData, volumes.isEmpty { lines.append("  data \(would)written into new volumes") }
    if !isPreview {
      lines.append(
        hasData
          ? "Data restored. Start the deployment with `dioptra start`."
          : "Data not restored. Run `dioptra init` to initialise the deployment.")
    }
    return lines.joined(separator: "\n")
  }
}
