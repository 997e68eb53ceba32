internal import DioptraModel
internal import DioptraSystem

/// Whether Compose has a value for every name in the Compose files.
struct SettingsCheck: HostCheck {
  let title = "settings"

  func findings(in host: HostContext) throws -> [CheckFinding] {
    guard try host.folder.entry(Setting.file) != nil else { return [] }
    let missing = try MissingSettings(in: FolderPreview(host.folder))
    if let fault = missing.fault {
      let error = fault.error(in: Setting.file)
      return [.error(error.problem, remedy: error.remedy)]
    }
    guard !missing.all.isEmpty else { return [.ok("\(Setting.file) sets everything that the Compose files use")] }
    return [
      .error(
        "\(Setting.file) does not set \(missing.text): Compose replaces these with empty text",
        remedy: "Add a line NAME=VALUE for each of them to \(Setting.file)")
    ]
  }
}

extension Drift {
  /// What the Compose files use and `.env` does not set.
  static func settingFindings(
    in folder: ConfinedFolder, _ component: ComponentID, remedy: String
  ) throws -> [DriftFinding] {
    // Unreadable files are reported elsewhere.
    guard case .file? = try folder.entry(Setting.file), let missing = try? MissingSettings(in: FolderPreview(folder))
    else { return [] }
    let detail: String
    if let fault = missing.fault {
      detail = "line \(fault.line): \(fault.reason)"
    } else if !missing.all.isEmpty {
      detail = "does not set \(missing.text)"
    } else {
      return []
    }
    return [DriftFinding(path: Setting.file, kind: .setting, component: component, remedy: remedy, detail: detail)]
  }
}
