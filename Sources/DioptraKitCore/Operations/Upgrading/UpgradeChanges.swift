internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// The changes of an upgrade or a rollback, in the user's terms.
package struct UpgradeChanges: Encodable, Equatable, Sendable {
  /// What happens to a name.
  package enum Change: String, Codable, Sendable {
    case appears, moves, goes
  }

  /// A variable of `dioptra.yaml`.
  package struct VariableChange: Encodable, Equatable, Sendable {
    package let name: String
    package let change: Change
    /// The new name.
    package let to: String?
  }

  /// A name of an environment file or of `.env`.
  package struct SettingChange: Encodable, Equatable, Sendable {
    package let name: String
    package let change: Change
    /// The file that has it, or had it.
    package let path: String
    /// The file that it moves to.
    package let to: String?
  }

  /// The variables in `dioptra.yaml`, sorted.
  package let variables: [VariableChange]
  package let settings: [SettingChange]
  /// The containers that are recreated at the next start.
  package let recreated: [String]
  package let newServices: [String]
  package let goneServices: [String]

  /// - Parameter renamed: The old names of variables, by the new ones.
  init(
    _ folderPlan: FolderPlan, from before: ConfigurationFile, to after: ConfigurationFile,
    renamed: [String: String] = [:]
  ) throws {
    let old = Set(before.values.keys)
    let new = Set(after.values.keys)
    let moved = renamed.filter { old.contains($0.key) && new.contains($0.value) }
    variables = (old.union(new)).sorted().compactMap { name in
      if let to = moved[name] { return VariableChange(name: name, change: .moves, to: to) }
      if moved.values.contains(name) || (old.contains(name) && new.contains(name)) { return nil }
      return VariableChange(name: name, change: old.contains(name) ? .goes : .appears, to: nil)
    }
    settings = try Self.settings(folderPlan)
    let dialect = folderPlan.target.dialect
    let services = (
      before: try dialect.services(in: FolderPreview(folderPlan.folder).read),
      after: try dialect.services(in: folderPlan.preview.read)
    )
    recreated = services.before.recreated(by: services.after)
    newServices = services.after.gone(in: services.before)
    goneServices = services.before.gone(in: services.after)
  }

  private static func settings(_ folderPlan: FolderPlan) throws -> [SettingChange] {
    let after = try folderPlan.preview
    var gone: [(name: String, path: String)] = []
    var added: [(name: String, path: String)] = []
    for path in after.planned.keys.sorted() where path == Setting.file || path.hasSuffix(".env") {
      let old = SettingValues(try FolderPreview(folderPlan.folder).read(path) ?? [], path: path).names
      let new = SettingValues(try after.read(path) ?? [], path: path).names
      gone += old.subtracting(new).sorted().map { ($0, path) }
      added += new.subtracting(old).sorted().map { ($0, path) }
    }
    var changes: [SettingChange] = []
    for (name, path) in gone {
      let to = added.firstIndex { $0.name == name }
      changes.append(
        SettingChange(name: name, change: to == nil ? .goes : .moves, path: path, to: to.map { added[$0].path }))
      if let to { added.remove(at: to) }
    }
    return changes + added.map { SettingChange(name: $0.name, change: .appears, path: $0.path, to: nil) }
  }
}

extension Rollback {
  /// The changes in the user's terms.
  package func changes() throws -> UpgradeChanges {
    try UpgradeChanges(folderPlan, from: configurationBefore, to: configuration)
  }
}

extension Upgrade {
  /// The changes in the user's terms.
  package func changes() throws -> UpgradeChanges {
    let renamed = migrations.flatMap(\.changes).compactMap { change -> (String, String)? in
      if case .renameVariable(let old, let new) = change { (old.rawValue, new.rawValue) } else { nil }
    }
    return try UpgradeChanges(
      folderPlan, from: configurationBefore, to: configuration, renamed: Dictionary(renamed) { $1 })
  }
}
