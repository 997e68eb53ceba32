internal import Yams

/// A file of values given with `--values`: names with values in YAML or JSON, or the context that the reference
/// template's generator keeps.
public struct ValuesFile: Sendable {
  /// The values, under the names that the file uses.
  public let values: [String: String]

  /// - Parameters:
  ///   - text: The file's characters.
  ///   - name: What errors call the file.
  ///   - variables: Every variable that may be meant.
  /// - Throws: `DioptraError` for an unknown name, or a value that is no scalar.
  public init(text: String, name: String, variables: [Variable]) throws(DioptraError) {
    let root: Node?
    do {
      root = try YAMLText.tree(of: text, allowsAliases: false)
    } catch {
      throw DioptraError(
        "\(name) is neither YAML nor JSON: \(error.words)", remedy: "Correct it, or give another file")
    }
    guard var mapping = root?.mapping else {
      throw DioptraError("\(name) does not hold names with values", remedy: "Give a file such as {\"name\": \"value\"}")
    }
    for wrapper in ["context", "cookiecutter"] {
      if let inner = mapping[wrapper]?.mapping { mapping = inner }
    }
    var values: [String: String] = [:]
    for (key, value) in mapping {
      guard let word = key.scalar?.string else { continue }
      if word == "__containers", let containers = value.mapping {
        values.merge(try Self.images(containers, variables)) { written, _ in written }
        continue
      }
      let isKnown = variables.contains { $0.name.rawValue == word || $0.aliases.contains(word) }
      if !isKnown, word.hasPrefix("_") { continue }
      let known = try variables.named(word)
      guard let scalar = value.scalar?.string else {
        throw DioptraError("\(name) has no single value for \(word.quoted)", remedy: "Give it one value")
      }
      // The generator keeps unrendered defaults of its private variables.
      if scalar.contains("{{") { continue }
      values[known.name.rawValue] = scalar
    }
    self.values = values
  }

  /// The variables that an entry of the reference's mapping of images stands for.
  private static func images(_ containers: Node.Mapping, _ variables: [Variable]) throws(DioptraError) -> [String:
    String]
  {
    var values: [String: String] = [:]
    for variable in variables {
      guard let part = variable.containerPart else { continue }
      if case .list(let key) = part {
        guard let items = containers[key]?.sequence else { continue }
        values[variable.name.rawValue] = items.compactMap { $0.scalar?.string }.joined(separator: " ")
        continue
      }
      guard let entry = containers[part.key]?.mapping else { continue }
      func field(_ name: String) -> String { entry[name]?.scalar?.string ?? "" }
      let fields = ["registry", "namespace", "image", "tag"].map(field)
      if fields.contains(where: { $0.contains("{{") }) { continue }
      let name = fields[0..<3].filter { !$0.isEmpty }.joined(separator: "/")
      let value =
        switch part {
        case .image: "\(name):\(fields[3])"
        case .imageWithoutTag: name
        case .tag: fields[3]
        case .list: ""
        }
      // What the reference once put there by itself is nobody's choice.
      if variable.supersededPrefixes.contains(where: value.hasPrefix) { continue }
      values[variable.name.rawValue] = value
    }
    return values
  }
}

extension Variable.ContainerPart {
  /// The entry's name in the mapping.
  fileprivate var key: String {
    switch self {
    case .image(let key), .imageWithoutTag(let key), .tag(let key), .list(let key): key
    }
  }
}
