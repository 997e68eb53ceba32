internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

extension ConfigurationFile {
  /// Renames variables. A file that already has the new names is unchanged.
  ///
  /// - Throws: `DioptraError` if a line must be edited by hand.
  mutating func renameVariables(_ migrations: [Migration]) throws {
    for case .renameVariable(let old, let new) in migrations.flatMap(\.changes) { try rename(old, to: new) }
  }

  /// Applies the changes of migrations to values. Idempotent.
  ///
  /// - Parameter before: The values before.
  /// - Throws: `DioptraError` if a line must be edited by hand.
  mutating func migrateValues(
    _ migrations: [Migration], from before: Configuration, registry: ComponentRegistry
  ) throws {
    for change in migrations.flatMap(\.changes) {
      switch change {
      case .keepValue(let name, let value):
        let variable = try registry.components.flatMap(\.variables).named(name.rawValue)
        guard self.value(of: variable) == nil else { continue }
        try set(name, to: value, spelledLike: variable.aliases)
      case .pinValue(let name):
        let variable = try registry.components.flatMap(\.variables).named(name.rawValue)
        guard self.value(of: variable) == nil, let entry = before.entry(name) else { continue }
        try set(name, to: entry.value, spelledLike: variable.aliases)
      case .replacePrefix(let name, let old, let new):
        let variable = try registry.components.flatMap(\.variables).named(name.rawValue)
        guard let value = self.value(of: variable), value.hasPrefix(old) else { continue }
        try set(name, to: new + value.dropFirst(old.count), spelledLike: variable.aliases)
      case .renameVariable, .renameSecret, .moveFile, .runStep, .note: break
      }
    }
  }

  /// The value that the user chose, under any alias.
  func value(of variable: Variable) -> String? {
    ([variable.name.rawValue] + variable.aliases).lazy.compactMap { self.values[$0] }.first
  }

  /// Changes the deployment's release: values that name the old one name the new one.
  ///
  /// - Throws: `DioptraError` if a line must be edited by hand.
  mutating func moveRelease(from old: String, to new: String, registry: ComponentRegistry) throws {
    let variables = registry.components.flatMap(\.variables)
    for variable in variables where variable.followsRelease {
      guard let value = self.value(of: variable) else { continue }
      if value == old {
        try set(variable.name, to: new, spelledLike: variable.aliases)
      } else if value.hasSuffix(":\(old)") {
        try set(variable.name, to: value.dropLast(old.count) + new, spelledLike: variable.aliases)
      }
    }
    let release = try variables.named(Configuration.releaseVariable.rawValue)
    guard try Configuration(registry: registry, chosen: values, disabled: disabled).release != new else { return }
    try set(release.name, to: new, spelledLike: release.aliases)
  }
}
