package import DioptraSystem

/// The value of every variable of the enabled components, valid and in canonical form.
public struct Configuration: Sendable {
  /// What set a value.
  public enum Layer: String, Sendable, Codable {
    case `default`
    case derived
    case file
  }

  /// A value and what set it.
  public struct Entry: Sendable, Equatable {
    /// In the canonical form of the variable's type.
    public let value: String
    package let layer: Layer
  }

  /// The enabled components, each after those that it requires.
  package let components: [any Component]
  /// What the deployment is written in.
  package let dialect: any PlatformDialect
  private var entries: [VariableName: Entry] = [:]
  private var owners: [VariableName: ComponentID] = [:]
  private var view: View?

  /// The component that reads the values, and whose variables it can see.
  private struct View {
    let component: ComponentID
    let visible: Set<ComponentID>
  }

  /// The variable with the prefix of every name that the deployment uses on the engine.
  package static let slugVariable: VariableName = "project_slug"
  /// The variable for the number of images that are fetched at once.
  package static let fetchesVariable: VariableName = "images_at_once"

  /// The configuration in a `dioptra.yaml`.
  ///
  /// - Throws: `DioptraError` with the place of an unknown name or of a value that its variable does not accept.
  public init(registry: ComponentRegistry, file: ConfigurationFile) throws {
    if let fault = file.faults(registry).first { throw fault }
    try self.init(registry: registry, chosen: file.values, disabled: file.disabled)
  }

  /// - Parameter chosen: The user's choices: names or accepted aliases, with values as written.
  /// - Throws: `DioptraError` for an unknown name or a value that its variable does not accept.
  public init(
    registry: ComponentRegistry, chosen: [String: String], disabled: Set<ComponentID> = []
  ) throws {
    dialect = registry.dialect
    let known = registry.components.flatMap(\.variables)
    var values: [VariableName: String] = [:]
    for (name, value) in chosen.sorted(by: { $0.key < $1.key }) {
      let variable = try known.named(name)
      values[variable.name] = try variable.accept(value)
    }
    components = try registry.enabled(disabling: disabled)
    let reach = ComponentReach(components)
    for component in components {
      for variable in component.variables {
        entries[variable.name] = try entry(of: variable, values[variable.name], component.id, reach)
        owners[variable.name] = component.id
      }
    }
  }

  private func entry(
    of variable: Variable, _ chosen: String?, _ owner: ComponentID, _ reach: ComponentReach
  ) throws -> Entry {
    if let chosen { return Entry(value: chosen, layer: .file) }
    switch variable.defaultValue {
    case .value(let value): return Entry(value: try variable.accept(value), layer: .default)
    case .derived(let explanation, let derive):
      let value = try derive(seen(by: owner, reach.of(owner)))
      do throws(DioptraError) {
        return Entry(value: try variable.accept(value), layer: .derived)
      } catch {
        throw DioptraError(
          error.code, "\(error.problem), which it is by default: \(explanation)",
          remedies: error.remedies + ["Choose \(set: variable.name.rawValue) itself"])
      }
    }
  }

  /// The same for one component, limited to the variables of some components.
  func seen(by component: ComponentID, _ visible: Set<ComponentID>) -> Configuration {
    var configuration = self
    configuration.view = View(component: component, visible: visible)
    return configuration
  }

  /// The canonical value of a variable.
  ///
  /// - Throws: `DioptraError` if no enabled component declares the variable or, for a component that asks, none that it
  ///   requires. A derived default can use variables that are declared before it.
  public subscript(_ name: VariableName) -> String {
    get throws(DioptraError) {
      let user = view.map { "component '\($0.component)'" } ?? "the program"
      guard let entry = entries[name] else {
        throw DioptraError(
          .componentInvalid, "\(user) uses the variable \(name), which no component declares that is enabled",
          remedy: "Correct the name, or enable the component that it comes from")
      }
      if let view, let owner = owners[name], !view.visible.contains(owner) {
        throw DioptraError(
          .componentInvalid,
          "\(user) uses the variable \(name) of component '\(owner)', which '\(view.component)' does not require",
          remedy: "Add '\(owner)' to what '\(view.component)' requires")
      }
      return entry.value
    }
  }

  /// The prefix of every name that the deployment uses on the engine; empty in a configuration without one, of which no
  /// blueprint is made.
  package var slug: String { entries[Self.slugVariable]?.value ?? "" }

  /// The component that declares what names begin with: what is made of all components counts as its own.
  var ownerOfNames: ComponentID? { owners[Self.slugVariable] }

  func requireSlug() throws(DioptraError) {
    guard entries[Self.slugVariable] == nil else { return }
    throw DioptraError(
      .componentInvalid,
      "no component declares the variable \(Self.slugVariable), which begins every name of a deployment",
      remedy: "Register a component that declares it, such as the reference deployment's")
  }

  /// A variable's value and what set it; nil if no enabled component declares it.
  public func entry(_ name: VariableName) -> Entry? {
    entries[name]
  }

  /// Every variable of the enabled components, in the order of declaration.
  public var variables: [Variable] {
    components.flatMap(\.variables)
  }
}

extension [Variable] {
  /// The variable with that name or alias.
  package func named(_ name: String) throws(DioptraError) -> Variable {
    if let variable = first(where: { $0.name.rawValue == name || $0.aliases.contains(name) }) {
      return variable
    }
    throw DioptraError(
      .nameUnknown, "there is no variable \(name.quoted)",
      remedy: .name(like: name, in: map(\.name.rawValue)) ?? "See \(dioptra: "config", "list") for the names")
  }
}
