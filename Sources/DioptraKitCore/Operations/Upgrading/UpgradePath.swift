package import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
package import DioptraState
internal import DioptraSystem

/// The migrations between a deployment's version and the requested one, and the resulting configuration.
struct UpgradePath {
  let migrations: [Migration]
  /// The values before, under their present names.
  let before: Configuration
  let after: ConfigurationFile
  let configuration: Configuration

  /// - Throws: `DioptraError` for a release to which the deployment cannot be upgraded.
  init(
    from: GenerationVersion, file: ConfigurationFile, registry: ComponentRegistry, request: UpgradeRequest
  ) throws {
    var file = file
    // Names change with the version of the template, which always becomes the newest.
    try file.renameVariables(registry.pending(from: from, template: registry.templateVersion, release: from.release))
    before = try Self.configuration(registry, file)
    for (name, value) in request.values.sorted(by: { $0.key < $1.key }) {
      let variable = try registry.components.flatMap(\.variables).named(name.rawValue)
      try file.set(name, to: value, spelledLike: variable.aliases)
    }
    let release = try Self.release(from: from, file: &file, registry: registry, request: request)
    migrations = registry.pending(from: from, template: registry.templateVersion, release: release)
    try file.renameVariables(migrations)
    try file.migrateValues(migrations, from: before, registry: registry)
    after = file
    configuration = try Self.configuration(registry, file)
  }

  private static func configuration(_ registry: ComponentRegistry, _ file: ConfigurationFile) throws -> Configuration {
    try Configuration(registry: registry, file: file)
  }

  /// The configuration alone does not move a deployment to another release.
  static func otherRelease(_ named: String, than held: String) -> DioptraError {
    let isBack = Release(named).flatMap { new in Release(held).map { new < $0 } } ?? false
    return DioptraError(
      isBack ? .downgradeRefused : .upgradeRequired,
      "dioptra.yaml asks for release \(named), and the deployment has \(held)",
      remedies: isBack
        ? [
          "Put the old value back into \(edit: ConfigurationFile.name), since databases cannot go back",
          "If a \(dioptra: "rollback") was interrupted, run it again",
        ]
        : [
          "Run \(dioptra: "upgrade", "--release", named)",
          "Put the old value back into \(edit: ConfigurationFile.name)",
        ])
  }

  /// The deployment's future release, which the file then names.
  private static func release(
    from: GenerationVersion, file: inout ConfigurationFile, registry: ComponentRegistry, request: UpgradeRequest
  ) throws -> String {
    let named = try configuration(registry, file).release
    guard !named.isEmpty else { return from.release }
    guard let wanted = request.release else {
      guard named == from.release else {
        throw otherRelease(named, than: from.release)
      }
      return named
    }
    let variable = try registry.components.flatMap(\.variables).named(Configuration.releaseVariable.rawValue)
    let release = try variable.accept(wanted)
    if let old = Release(from.release), let new = Release(release), new < old {
      throw DioptraError(
        .downgradeRefused, "the deployment has release \(old), and its databases cannot go back to \(new)",
        remedy: "Restore a backup of that release with \(dioptra: "restore", "FILE")")
    }
    try file.moveRelease(from: named, to: release, registry: registry)
    // A tag that named an older release than the deployment's changes, too.
    try file.moveRelease(from: from.release, to: release, registry: registry)
    return release
  }
}

extension ComponentRegistry {
  /// A version with the migrations that were applied. Older programs did not record their names.
  ///
  /// - Throws: `DioptraError` if a newer program made it.
  func baseline(of version: GenerationVersion) throws -> GenerationVersion {
    guard version.template <= templateVersion else {
      throw DioptraError(
        .versionUnsupported, "the deployment was made by a newer dioptra, whose files have version \(version.template)",
        remedy: "Update \(install: "dioptra"): this one writes version \(templateVersion)")
    }
    for id in version.components.keys.sorted() {
      guard let known = self[id]?.version, let recorded = version.components[id], recorded > known else { continue }
      throw DioptraError(
        .versionUnsupported, "the deployment was made with version \(recorded) of the component '\(id)'",
        remedy: "Update it: the one here has version \(known)")
    }
    guard version.migrations.isEmpty else { return version }
    return GenerationVersion(
      template: version.template, release: version.release, migrations: migrations(upTo: version),
      components: version.components)
  }

  /// The components of which a deployment has another version than this program.
  func outdated(in version: GenerationVersion) -> [ComponentChange] {
    version.components.keys.sorted().compactMap { id in
      guard let known = self[id]?.version, let recorded = version.components[id], recorded != known else { return nil }
      return ComponentChange(id: id, from: recorded, to: known)
    }
  }

  /// The pending migrations of a deployment.
  func pending(from version: GenerationVersion, template: Int, release: String) -> [Migration] {
    let done = Set(version.migrations)
    return migrations.filter { $0.version.isReached(by: template, release: release) && !done.contains($0.id) }
  }
}

extension State {
  /// Whether the folder's files are those that this program's components render, in any release; also true if none is
  /// in place yet.
  package func isRendered(by registry: ComponentRegistry) throws -> Bool {
    try appliedVersion().map { $0.template == registry.templateVersion && registry.outdated(in: $0).isEmpty } ?? true
  }

  /// Refuses changes that only an upgrade may make. A deployment whose first generation is not in place is up to date.
  ///
  /// - Parameters:
  /// - configuration: Its `dioptra.yaml`.
  /// - renaming: Whether the prefix may change.
  /// - Throws: `DioptraError` that points to `dioptra upgrade`.
  package func requireUpToDate(
    _ registry: ComponentRegistry, for configuration: Configuration, renaming: Bool = false
  ) throws {
    guard let applied = try appliedVersion() else { return }
    if !renaming { try requireSameSlug(registry, as: configuration) }
    let version = try registry.baseline(of: applied)
    guard version.template == registry.templateVersion else {
      throw DioptraError(
        .upgradeRequired,
        version.template == GenerationVersion.referenceTemplate
          ? "the deployment still has the files of the reference template"
          : "the deployment has files of version \(version.template), and this dioptra writes version \(registry.templateVersion)",
        remedy: "Run \(dioptra: "upgrade"); with --dry-run it shows what it would do")
    }
    if let component = registry.outdated(in: version).first {
      throw DioptraError(
        .upgradeRequired,
        "the deployment has version \(component.from) of the component '\(component.id)', and this dioptra has version "
          + "\(component.to)",
        remedy: "Run \(dioptra: "upgrade"); with --dry-run it shows what it would do")
    }
    let release = configuration.release
    guard release == version.release || version.release.isEmpty else {
      throw UpgradePath.otherRelease(release, than: version.release)
    }
    let pending = registry.pending(from: version, template: registry.templateVersion, release: version.release)
    if let migration = pending.first {
      throw DioptraError(
        .upgradeRequired, "the deployment needs the migration \(migration.id)", remedy: "Run \(dioptra: "upgrade")")
    }
  }
}
