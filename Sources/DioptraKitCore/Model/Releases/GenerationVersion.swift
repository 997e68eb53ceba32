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

  public init(template: Int, release: String, migrations: [MigrationID] = []) {
    self.template = template
    self.release = release
    self.migrations = migrations
  }
}

extension ComponentRegistry {
  /// The version of a deployment that this program renders.
  public func version(of configuration: Configuration) -> GenerationVersion {
    GenerationVersion(
      template: templateVersion, release: configuration.release,
      migrations: migrations(upTo: templateVersion, release: configuration.release))
  }

  /// The migrations of all components, enabled or not, in the order in which they apply: by release, then by version of
  /// the template, then in the order of the components.
  public var migrations: [Migration] {
    let all = components.flatMap(\.migrations)
    return all.enumerated().sorted { ($0.element.version, $0.offset) < ($1.element.version, $1.offset) }.map(\.element)
  }

  /// The names of the migrations that a deployment with these versions has applied or never needs.
  package func migrations(upTo template: Int, release: String) -> [MigrationID] {
    migrations.filter { $0.version.isReached(by: template, release: release) }.map(\.id)
  }
}

extension Configuration {
  /// The variable that names Dioptra's release.
  package static let releaseVariable: VariableName = "release"

  /// Dioptra's release; empty if the configuration names none.
  package var release: String { entry(Self.releaseVariable)?.value ?? "" }
}

extension Migration.Version: Comparable {
  public static func < (left: Self, right: Self) -> Bool {
    switch (left, right) {
    case (.release(let one), .release(let other)): Release(one).isBefore(Release(other))
    case (.template(let one), .template(let other)): one < other
    case (.release, .template): true
    case (.template, .release): false
    }
  }

  /// Whether a deployment with these versions includes the change. Anything that is not a release includes none.
  package func isReached(by template: Int, release: String) -> Bool {
    switch self {
    case .template(let version): version <= template
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
