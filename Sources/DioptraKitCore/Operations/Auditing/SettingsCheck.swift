internal import DioptraModel
internal import DioptraRendering
internal import DioptraSystem

/// Whether there is a value for every name in the files that describe services.
struct SettingsCheck: HostCheck {
  let title = "settings"

  func findings(in host: HostContext) throws -> [CheckFinding] {
    guard try host.folder.entry(Setting.file) != nil else { return [] }
    let dialect = host.deployment.dialect
    let missing = try MissingSettings(in: FolderPreview(host.folder), dialect)
    if let fault = missing.fault {
      let error = fault.error(in: Setting.file)
      return [.error(error)]
    }
    guard !missing.all.isEmpty else {
      return [.ok("\(Setting.file) sets everything that the \(dialect.words.reader) files use")]
    }
    return [
      .error(
        "\(Setting.file) does not set \(missing.text): \(dialect.words.reader) replaces these with empty text",
        remedy: "Add a line NAME=VALUE for each of them to \(edit: Setting.file)")
    ]
  }
}

extension Drift {
  /// What the files that describe services ask for and `.env` does not set.
  static func settingFindings(
    in folder: ConfinedFolder, _ dialect: any PlatformDialect, _ component: ComponentID,
    resolution: DriftFinding.Resolution
  ) throws -> [DriftFinding] {
    // Unreadable files are reported elsewhere.
    guard case .file? = try folder.entry(Setting.file),
      let missing = try? MissingSettings(in: FolderPreview(folder), dialect)
    else { return [] }
    let detail: String
    if let fault = missing.fault {
      detail = "line \(fault.line): \(fault.reason)"
    } else if !missing.all.isEmpty {
      detail = "does not set \(missing.text)"
    } else {
      return []
    }
    return [
      DriftFinding(path: Setting.file, kind: .setting, component: component, resolution: resolution, detail: detail)
    ]
  }
}
