package import DioptraSystem

/// The components that a program knows, each after those that it requires.
public struct ComponentRegistry: Sendable {
  /// Every component, enabled or not.
  public let components: [any Component]

  /// The version of what the components render. Every change of the rendered bytes increases it, and `upgrade` applies
  /// it to deployments.
  public let templateVersion: Int

  /// What their deployments are written in.
  public let dialect: any PlatformDialect

  /// - Throws: `DioptraError` when two components share a name or a variable, one requires an unknown component, or
  ///   components require each other in a circle.
  public init(
    _ components: [any Component], templateVersion: Int = 1, dialect: any PlatformDialect = PlainDialect()
  ) throws {
    self.templateVersion = templateVersion
    self.dialect = dialect
    try Self.checkNames(components)
    self.components = try Self.ordered(components)
    try Self.checkVariables(self.components)
    try Self.checkMigrations(self.components)
  }

  /// The component with that name.
  public subscript(_ id: ComponentID) -> (any Component)? {
    components.first { $0.id == id }
  }

  /// The components that a configuration enables.
  package func enabled(disabling disabled: Set<ComponentID>) throws -> [any Component] {
    try requireKnown(disabled)
    for id in disabled.sorted() {
      try requireOptional(id)
    }
    let enabled = components.filter { !disabled.contains($0.id) }
    for component in enabled {
      if let missing = component.requires.first(where: disabled.contains) {
        throw DioptraError(
          .componentRequired, "component '\(component.id)' requires '\(missing)', which is disabled",
          remedy: "Disable '\(component.id)' too", "Enable '\(missing)'")
      }
    }
    return enabled
  }

  /// - Throws: `DioptraError` for a component without which the deployment does not work.
  func requireOptional(_ id: ComponentID) throws(DioptraError) {
    guard self[id]?.isOptional != true else { return }
    throw DioptraError(
      .componentRequired, "component '\(id)' cannot be disabled: the deployment does not work without it",
      remedy: "Leave it enabled")
  }

  /// - Throws: `DioptraError` for an unknown component, even if it is disabled: another program may know it, and its
  ///   files must not be deleted.
  package func requireKnown(_ named: Set<ComponentID>) throws(DioptraError) {
    guard let unknown = named.sorted().first(where: { self[$0] == nil }) else { return }
    throw DioptraError(
      .nameUnknown, "component \(unknown.rawValue.quoted) does not exist",
      remedy: .name(like: unknown.rawValue, in: components.map(\.id.rawValue))
        ?? "See \(dioptra: "component", "list") for the names")
  }

  private static func checkNames(_ components: [any Component]) throws {
    var seen: Set<ComponentID> = []
    for component in components where !seen.insert(component.id).inserted {
      throw DioptraError(
        .componentInvalid, "two components are called '\(component.id)'",
        remedy: "Register only one of them, or rename one")
    }
  }

  private static func checkVariables(_ components: [any Component]) throws {
    var owners: [String: ComponentID] = [:]
    for component in components {
      for name in component.variables.flatMap({ [$0.name.rawValue] + $0.aliases }) {
        if let other = owners.updateValue(component.id, forKey: name) {
          throw DioptraError(
            .componentInvalid, "components '\(other)' and '\(component.id)' both declare the variable '\(name)'",
            remedy: "Rename it in one of them")
        }
      }
    }
  }

  private static func checkMigrations(_ components: [any Component]) throws {
    var owners: [MigrationID: ComponentID] = [:]
    for component in components {
      for id in component.migrations.map(\.id) {
        if let other = owners.updateValue(component.id, forKey: id) {
          throw DioptraError(
            .componentInvalid, "components '\(other)' and '\(component.id)' both declare the migration '\(id)'",
            remedy: "Rename it in one of them")
        }
      }
    }
  }

  private static func ordered(_ components: [any Component]) throws -> [any Component] {
    for component in components {
      if let unknown = component.requires.first(where: { id in !components.contains { $0.id == id } }) {
        throw DioptraError(
          .componentInvalid, "component '\(component.id)' requires '\(unknown)', which is not registered",
          remedy: "Register '\(unknown)' too, or correct the name")
      }
    }
    return try components.topologicallySorted(id: \.id, requires: \.requires) { circle in
      DioptraError(
        .componentInvalid,
        "components require each other in a circle: \(circle.map(\.rawValue).joined(separator: ", "))",
        remedy: "Remove one of the requirements")
    }
  }
}
