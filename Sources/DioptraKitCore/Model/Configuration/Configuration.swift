package import DioptraSystem

/// The value of every variable that the enabled components declare, each valid and in its canonical form.
public struct Configuration: Sendable {
  /// What decided a value.
  public enum Layer: String, Sendable, Codable {
    case `default`
    case derived
    case file
  }

  /// A value and what decided it.
  public struct Entry: Sendable, Equatable {
    public let value: String
    public let layer: Layer
  }

  /// The components that are switched on, each after those it requires.
  package let components: [any Component]
  private var entries: [VariableName: Entry] = [:]
  private var owners: [VariableName: ComponentID] = [:]
  private var view: View?

  /// Who looks, and whose variables it sees.
  private struct View {
    let component: ComponentID
    let visible: Set<ComponentID>
  }

  /// The variable that holds the prefix of every name that the deployment shows to the engine.
  package static let slugVariable: VariableName = "project_slug"

  /// What a `dioptra.yaml` says.
  ///
  /// - Throws: `DioptraError` with the place of an unknown name or of a value that its variable does not accept.
  public init(registry: ComponentRegistry, file: ConfigurationFile) throws {
    if let fault = file.faults(registry).first { throw fault }
    try self.init(registry: registry, chosen: file.values, disabled: file.disabled)
  }

  /// - Parameter chosen: What the user wrote: names or other accepted spellings, with values as written.
  /// - Throws: `DioptraError` for an unknown name or a value that its variable does not accept.
  public init(
    registry: ComponentRegistry, chosen: [String: String], disabled: Set<ComponentID> = []
  ) throws {
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
          "\(error.problem), which it is by default: \(explanation)",
          remedy: "\(error.remedy); choose \(variable.name) itself")
      }
    }
  }

  /// The same for one component, which sees the variables of some components only.
  func seen(by component: ComponentID, _ visible: Set<ComponentID>) -> Configuration {
    var configuration = self
    configuration.view = View(component: component, visible: visible)
    return configuration
  }

  /// The canonical value of a variable.
  ///
  /// - Throws: `DioptraError` where no enabled component declares the variable; for a component that asks, also where
  ///   none does that it requires. A derived default sees what is declared before it.
  public subscript(_ name: VariableName) -> String {
    get throws(DioptraError) {
      let user = view.map { "component '\($0.component)'" } ?? "the program"
      guard let entry = entries[name] else {
        throw DioptraError(
          "\(user) uses the variable \(name), which no component declares that is switched on",
          remedy: "Correct the name, or switch on the component that it comes from")
      }
      if let view, let owner = owners[name], !view.visible.contains(owner) {
        throw DioptraError(
          "\(user) uses the variable \(name) of component '\(owner)', which '\(view.component)' does not require",
          remedy: "Add '\(owner)' to what '\(view.component)' requires")
      }
      return entry.value
    }
  }

  /// The prefix of every name that the deployment shows to the engine; empty in a configuration without one, of which
  /// no blueprint is made.
  package var slug: String { entries[Self.slugVariable]?.value ?? "" }

  /// How Compose is called: as Docker itself calls it, unless a component declares another way.
  package var composeCommand: String { entries["docker_compose_path"]?.value ?? "docker compose" }

  func requireSlug() throws(DioptraError) {
    guard entries[Self.slugVariable] == nil else { return }
    throw DioptraError(
      "no component declares the variable \(Self.slugVariable), which begins every name of a deployment",
      remedy: "Register a component that declares it, such as the reference deployment's")
  }

  /// The value of a variable and what decided it; nil when no enabled component declares it.
  public func entry(_ name: VariableName) -> Entry? {
    entries[name]
  }

  /// Every variable of the enabled components, in the order of their declaration.
  public var variables: [Variable] {
    components.flatMap(\.variables)
  }
}

extension [Variable] {
  /// The variable of that name or other accepted spelling.
  package func named(_ name: String) throws(DioptraError) -> Variable {
    if let variable = first(where: { $0.name.rawValue == name || $0.aliases.contains(name) }) {
      return variable
    }
    throw DioptraError(
      "there is no variable \(name.quoted)",
      remedy: nearest(name, in: map(\.name.rawValue)).map { "Perhaps \($0) is meant" }
        ?? "See `dioptra config list` for the names"
    )
  }
}
