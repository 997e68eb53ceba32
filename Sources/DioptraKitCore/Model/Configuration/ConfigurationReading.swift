internal import DioptraSystem

extension ConfigurationFile {
  /// What the YAML of the file says, each part with its place.
  struct Reading {
    private(set) var values: [String: String] = [:]
    /// Whether each component that the file names is switched on.
    private(set) var components: [ComponentID: Bool] = [:]
    private(set) var places: [String: (name: TextPlace, value: TextPlace)] = [:]
    private(set) var componentPlaces: [ComponentID: TextPlace] = [:]

    var disabled: Set<ComponentID> { Set(components.filter { !$0.value }.keys) }

    init(_ text: String) throws(DioptraError) {
      guard let root = try ConfigurationFile.source.tree(of: text), !Self.isNull(root) else { return }
      guard let mapping = root.mapping else {
        throw DioptraError(
          .configurationInvalid, "\(ConfigurationFile.name):\(root.place): the file does not hold names with values",
          remedy: "Write a line `name: value` for each into \(edit: ConfigurationFile.name)")
      }
      for (key, value) in mapping {
        guard let name = key.string else { throw Self.fault(key, "a name has to be a plain word") }
        if name == ConfigurationFile.componentsKey {
          try readComponents(value)
        } else {
          values[name] = try Self.scalar(value, of: name)
          places[name] = (key.place, value.place)
        }
      }
    }

    /// Whether the file is empty, in any of YAML's spellings.
    private static func isNull(_ node: YAMLValue) -> Bool {
      guard let scalar = node.string, node.isPlain else { return false }
      return ["", "~", "null", "Null", "NULL"].contains(scalar)
    }

    /// A list of scalars is read as its elements separated by spaces, and mirrors as pairs separated by spaces.
    private static func scalar(_ node: YAMLValue, of name: String) throws(DioptraError) -> String {
      switch node.content {
      case .scalar(let scalar): return scalar
      case .sequence(let sequence):
        var items: [String] = []
        for item in sequence {
          guard let text = item.string else { throw fault(item, "the list \(name.quoted) has more than plain values") }
          items.append(text)
        }
        return items.joined(separator: " ")
      case .mapping:
        if name == RegistryMirrors.variable.rawValue, let pairs = node.pairs { return pairs }
        throw fault(node, "\(name.quoted) takes one value, and has names below it")
      }
    }

    private mutating func readComponents(_ node: YAMLValue) throws(DioptraError) {
      if node.string?.isEmpty == true { return }
      let key = ConfigurationFile.componentsKey
      guard let mapping = node.mapping else {
        throw Self.fault(node, "\(key) takes names of components with true or false below it")
      }
      for (key, value) in mapping {
        guard let id = key.string, let word = value.string else {
          throw Self.fault(value, "the component \((key.string ?? "").quoted) takes true or false")
        }
        switch VariableType.boolean.canonical(word) {
        case .success(let word): components[ComponentID(id)] = word != VariableType.off
        case .failure: throw Self.fault(value, "the component \(id.quoted) takes true or false, not \(word.quoted)")
        }
        componentPlaces[ComponentID(id)] = key.place
      }
    }

    private static func fault(_ node: YAMLValue, _ problem: String) -> DioptraError {
      ConfigurationFile.source.fault(at: node.place, problem)
    }
  }
}
