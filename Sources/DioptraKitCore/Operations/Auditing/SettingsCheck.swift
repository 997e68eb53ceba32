internal import DioptraModel
internal import DioptraSystem

/// Whether Compose finds a value for every name in the Compose files.
struct SettingsCheck: HostCheck {
  let title = "settings"

  func findings(in scene: HostScene) throws -> [CheckFinding] {
    guard try scene.folder.entry(Setting.file) != nil else { return [] }
    let missing = try MissingSettings(in: FolderPreview(scene.folder))
    if let fault = missing.fault {
      let error = fault.error(in: Setting.file)
      return [.error(error)]
    }
    guard !missing.all.isEmpty else { return [.ok("\(Setting.file) sets what the Compose files ask for")] }
    return [
      .error(
        "\(Setting.file) does not set \(missing.words): Compose puts nothing in their place",
        remedy: "Add a line NAME=VALUE for each of them to \(edit: Setting.file)")
    ]
  }
}

extension Drift {
  /// What the Compose files ask for and `.env` does not set.
  static func settingFindings(
    in folder: ConfinedFolder, _ component: ComponentID, resolution: DriftFinding.Resolution
  ) throws -> [DriftFinding] {
    // What cannot be read is told elsewhere.
    guard case .file? = try folder.entry(Setting.file), let missing = try? MissingSettings(in: FolderPreview(folder))
    else { return [] }
    let detail: String
    if let fault = missing.fault {
      detail = "line \(fault.line): \(fault.reason)"
    } else if !missing.all.isEmpty {
      detail = "does not set \(missing.words)"
    } else {
      return []
    }
    return [
      DriftFinding(path: Setting.file, kind: .setting, component: component, resolution: resolution, detail: detail)
    ]
  }
}
