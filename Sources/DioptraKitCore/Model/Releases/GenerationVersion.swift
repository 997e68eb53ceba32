internal import DioptraSystem

/// The versions that made a generation, which determine what an upgrade requires.
public struct GenerationVersion: Equatable, Sendable {
  /// The version of what the components render.
  public let template: Int
  /// Stands for the reference template's own files, which an adopted deployment has until it is upgraded.
  package static let referenceTemplate = 0

  /// Dioptra's release, such as `1.2.2`; empty if the deployment names none.
  public let release: String
  /// The migrations that the deployment has applied or never needs, in the order in which they apply.
  public let migrations: [MigrationID]
  /// The version of each component that is switched on; empty for what an older program recorded, and for files that no
  /// component rendered.
  public let components: [ComponentID: Int]

  /// Versions as a deployment records them.
  public init(
    template: Int, release: String, migrations: [MigrationID] = [], components: [ComponentID: Int] = [:]
  ) {
    self.template = template
    self.release = release
    self.migrations = migrations
    self.components = components
  }
}

/// A component whose version a deployment has, or had, and another one that it gets.
public struct ComponentChange: Codable, Equatable, Sendable {
  /// The component.
  public let id: ComponentID
  /// The version that the deployment has or had.
  public let from: Int
  /// The version that it gets.
  public let to: Int

  package init(id: ComponentID, from: Int, to: Int) {
    self.id = id
    self.from = from
    self.to = to
  }

  /// The components that have one version before and another one after, in the order of their names.
  package static func changes(from before: [ComponentID: Int], to after: [ComponentID: Int]) -> [ComponentChange] {
    before.keys.sorted().compactMap { id in
      guard let from = before[id], let to = after[id], from != to else { return nil }
      return ComponentChange(id: id, from: from, to: to)
    }
  }
}

extension GenerationVersion {
  /// The components that are in both versions and differ, in the order of their names.
  package func componentChanges(to other: GenerationVersion) -> [ComponentChange] {
    ComponentChange.changes(from: components, to: other.components)
  }
}

extension ComponentRegistry {
  /// The version of a deployment that this program renders.
  public func version(of configuration: Configuration) -> GenerationVersion {
    GenerationVersion(
      template: templateVersion, release: configuration.release,
      migrations: migrations(
        upTo: GenerationVersion(
          template: templateVersion, release: configuration.release, components: versions(of: components))),
      components: versions(of: configuration.components))
  }

  private func versions(of components: [any Component]) -> [ComponentID: Int] {
    Dictionary(uniqueKeysWithValues: components.map { ($0.id, $0.version) })
  }

  /// The migrations of all components, switched on or not, in the order in which they apply: by release, then by
  /// version of the template or of their component, then in the order of the components.
  public var migrations: [Migration] {
    ownedMigrations.map(\.value)
  }

  private var ownedMigrations: [Owned<Migration>] {
    let all = components.flatMap { component in
      component.migrations.map { Owned(owner: component.id, value: $0) }
    }
    return all.enumerated().sorted { ($0.element.version, $0.offset) < ($1.element.version, $1.offset) }.map(\.element)
  }

  /// The names of the migrations that a deployment of a version has behind it or never needs. What brought those of a
  /// component whose version is not known is not behind it.
  package func migrations(upTo version: GenerationVersion) -> [MigrationID] {
    ownedMigrations.filter { migration in
      if case .component(let number) = migration.version { return number <= version.components[migration.owner] ?? 0 }
      return migration.version.isReached(by: version.template, release: version.release)
    }.map(\.id)
  }
}

extension Configuration {
  /// The variable that names Dioptra's release.
  package static let releaseVariable: VariableName = "release"

  /// Dioptra's release; empty if the configuration names none.
  package var release: String { entry(Self.releaseVariable)?.value ?? "" }
}

extension Migration.Version: Comparable {
  /// In the order in which they apply: releases, then versions of the template, then those of components.
  public static func < (left: Self, right: Self) -> Bool {
    switch (left, right) {
    case (.release(let one), .release(let other)): Release(one).isBefore(Release(other))
    case (.template(let one), .template(let other)): one < other
    case (.component(let one), .component(let other)): one < other
    case (.release, _), (.template, .component): true
    case (_, .release), (.component, .template): false
    }
  }

  /// Whether a deployment with these versions includes the change. Anything that is not a release includes none.
  /// nothing. A program has every version of its components that it knows a migration to.
  package func isReached(by template: Int, release: String) -> Bool {
    switch self {
    case .template(let version): version <= template
    case .component: true
    case .release(let version): !Release(release).isBefore(Release(version))
    }
  }
}

extension Release? {
  /// Anything that is not a release sorts before all releases.
  fileprivate func isBefore(_ other: Release?) -> Bool {
    guard let other else { return false }
    guard let self else { return true }
    return self < other
  }
}
