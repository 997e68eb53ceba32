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

  /// What a `dioptra.yaml` says.
  ///
  /// - Throws: `DioptraError` for an unknown name or a value that its variable does not accept.
  public init(registry: ComponentRegistry, file: ConfigurationFile) throws {
    try registry.requireKnown(file.named)
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
    for variable in components.flatMap(\.variables) {
      if let value = values[variable.name] {
        entries[variable.name] = Entry(value: value, layer: .file)
        continue
      }
      switch variable.defaultValue {
      case .value(let value):
        entries[variable.name] = Entry(value: try variable.accept(value), layer: .default)
      case .derived(let explanation, let derive):
        do {
          entries[variable.name] = Entry(value: try variable.accept(derive(self)), layer: .derived)
        } catch {
          throw DioptraError(
            "\(error.problem), which it is by default: \(explanation)",
            remedy: "\(error.remedy); choose \(variable.name) itself")
        }
      }
    }
  }

  /// The canonical value of a variable.
  ///
  /// - Precondition: An enabled component declares it, before the variables whose defaults follow from it.
  public subscript(_ name: VariableName) -> String {
    guard let entry = entries[name] else { preconditionFailure("no enabled component declares \(name)") }
    return entry.value
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
