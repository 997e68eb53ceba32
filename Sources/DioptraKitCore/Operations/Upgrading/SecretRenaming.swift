public import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
public import DioptraState
public import DioptraSystem

extension [Migration] {
  /// The renamed secrets.
  var renamedSecrets: [(old: SecretName, new: SecretName)] {
    flatMap(\.changes).compactMap { change in
      if case .renameSecret(let old, let new) = change { (old, new) } else { nil }
    }
  }
}

extension [SecretName: Int] {
  /// The values under the new names, before they are in State.
  func renamed(by migrations: [Migration]) -> Self {
    migrations.renamedSecrets.reduce(into: self) { versions, names in
      if versions[names.old] != nil, versions[names.new] == nil {
        versions[names.new] = SecretReference.firstVersion
      }
    }
  }
}

extension SecretValues {
  /// The versions under the new names, before they are in State.
  func renamed(by migrations: [Migration]) -> SecretValues {
    migrations.renamedSecrets.reduce(self) { secrets, names in
      let versions = secrets.values.filter { $0.key.name == names.old }
      guard let newest = versions.max(by: { $0.key.version < $1.key.version })?.value,
        !secrets.values.keys.contains(where: { $0.name == names.new })
      else { return secrets }
      let reference = SecretReference(name: names.new, version: SecretReference.firstVersion)
      return SecretValues(secrets.values.merging([reference: newest]) { old, _ in old })
    }
  }
}

extension State {
  /// Stores the values of renamed secrets under their new names. The old ones are kept, because files of earlier
  /// generations contain them.
  public func rename(_ migrations: [Migration], now: Timestamp) throws {
    let versions = try secretVersions()
    let values = try secretValues()
    try transaction {
      for (old, new) in migrations.renamedSecrets where versions[new] == nil {
        guard let version = versions[old] else { continue }
        let value = try values.value(of: SecretReference(name: old, version: version))
        try addVersion(of: new, value: value, now: now)
      }
    }
  }
}
