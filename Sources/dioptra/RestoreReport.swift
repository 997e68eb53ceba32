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
  /// How Compose is to be called, where the backup says it in its own way.
  private let ownCommand: String?

  enum CodingKeys: String, CodingKey {
    case folder, backup, changes, volumes, hasData = "data"
  }

  init(_ restoration: Restoration, hasData: Bool, volumes: [String]) {
    folder = restoration.path
    backup = restoration.backup.origin
    changes = restoration.plan.changes
    self.volumes = volumes
    self.hasData = hasData
    isContinued = restoration.plan.isContinued
    ownCommand = restoration.ownCommand(on: Platforms.standard)
  }

  private var overwritten: [String] { changes.filter { $0.action == .overwrite }.map(\.path) }

  var isOverwriting: Bool { !overwritten.isEmpty || !volumes.isEmpty }

  /// - Parameter isPreview: Whether nothing of it has been done.
  func show(_ output: Output, isPreview: Bool) throws {
    if output.isJSON { return try output.line(self) }
    output.say(text(isPreview))
  }

  private func text(_ isPreview: Bool) -> String {
    let would = isPreview ? "would be " : ""
    let created = changes.filter { $0.action == .create }.count
    var lines = [
      "\(folder): the deployment \(backup.slug) as of \(backup.createdAt)\(isContinued ? ", begun before" : "")"
    ]
    if !changes.isEmpty { lines.append("  \(created) \(created == 1 ? "file" : "files") \(would)written") }
    if !overwritten.isEmpty {
      lines.append("  files \(would)overwritten, the old ones kept in .dioptra: \(overwritten.joined(separator: ", "))")
    }
    if !volumes.isEmpty {
      lines.append(
        "  volumes whose data \(isPreview ? "would be" : "are") replaced: \(volumes.joined(separator: ", "))")
    }
    if isPreview, hasData, let ownCommand { lines.append("  Compose would be called as \(ownCommand)") }
    if hasData, volumes.isEmpty { lines.append("  data \(would)written into new volumes") }
    if !isPreview {
      lines.append(
        hasData
          ? "The data are there. Start the deployment with `dioptra start`."
          : "No data were restored. Run `dioptra init` to initialise the deployment.")
    }
    return lines.joined(separator: "\n")
  }
}
