public import DioptraSystem

/// A file given with `--values`: names and values in YAML or JSON, or the context file of the reference template's
/// generator.
public struct ValuesFile: Sendable {
  /// The values, by variable, as written.
  public let values: [String: String]
  /// Where the values stand.
  private let places: [String: TextPlace]
  /// The entries without a usable value.
  private let faults: [Fault]
  private let variables: [Variable]
  private let source: WrittenValues

  /// The reference's mapping of images.
  private static let imagesKey = "__containers"

  private struct Fault {
    /// The variable's name; the file's own word for what is no variable.
    let name: String
    let place: TextPlace
    let error: DioptraError
  }

  /// - Parameters:
  ///   - text: The file's characters.
  ///   - name: The file's name in errors.
  ///   - variables: Every known variable.
  /// - Throws: `DioptraError` if the file does not contain names and values.
  public init(text: String, name: String, variables: [Variable]) throws(DioptraError) {
    source = WrittenValues(name: name)
    guard var mapping = try source.tree(of: text)?.mapping else {
      throw DioptraError(
        .configurationInvalid, "\(name) does not hold names with values",
        remedy: "Give a file such as {\"name\": \"value\"}")
    }
    for wrapper in ["context", "cookiecutter"] {
      if let inner = mapping[wrapper]?.mapping { mapping = inner }
    }
    var values: [String: String] = [:]
    var places: [String: TextPlace] = [:]
    var keys: [VariableName: YAMLValue] = [:]
    var faults: [Fault] = []
    for (key, value) in mapping {
      guard let word = key.string, word != Self.imagesKey else { continue }
      let isKnown = variables.contains { $0.name.rawValue == word || $0.aliases.contains(word) }
      if !isKnown, word.hasPrefix("_") { continue }
      let known: Variable
      do throws(DioptraError) {
        known = try variables.named(word)
      } catch {
        faults.append(Fault(name: word, place: key.place, error: error))
        continue
      }
      let name = known.name.rawValue
      guard let scalar = value.string ?? (known.name == RegistryMirrors.variable ? value.pairs : nil) else {
        faults.append(Fault(name: name, place: value.place, error: Self.notSingle(known.name, word)))
        continue
      }
      // The generator keeps unrendered defaults of its private variables.
      if scalar.contains("{{") { continue }
      if let first = keys[known.name], values[name] != scalar {
        faults.append(Fault(name: name, place: key.place, error: Self.repeated(known.name, word, first)))
      }
      keys[known.name] = key
      (values[name], places[name]) = (scalar, value.place)
    }
    if let containers = mapping[Self.imagesKey]?.mapping {
      for (name, image) in Self.images(containers, variables) where values[name] == nil {
        (values[name], places[name]) = image
      }
    }
    (self.values, self.places, self.faults, self.variables) = (values, places, faults, variables)
  }

  /// The values in canonical form.
  ///
  /// - Parameters:
  ///   - others: The variables that get their values from elsewhere: what the file says of them is not checked.
  ///   - accept: Returns the canonical form of a variable's value.
  /// - Throws: `DioptraError` with the place of the first entry whose name or value is not valid.
  public func accepted(
    except others: Set<VariableName>, by accept: (Variable, String) throws -> String
  ) throws -> [VariableName: String] {
    var accepted: [VariableName: String] = [:]
    var found: [(place: TextPlace?, error: DioptraError)] = []
    for fault in faults where !others.contains(VariableName(fault.name)) { found.append((fault.place, fault.error)) }
    for variable in variables where !others.contains(variable.name) {
      guard let value = values[variable.name.rawValue] else { continue }
      do {
        accepted[variable.name] = try accept(variable, value)
      } catch let error as DioptraError {
        let remedies = error.remedies.map {
          "\($0), in the file or with --set \(variable.name)=VALUE, which wins over it" as Remedy
        }
        found.append((places[variable.name.rawValue], error.with(remedies: remedies)))
      }
    }
    if let first = source.placed(found).first { throw first }
    return accepted
  }

  /// The file need not be edited: the command line takes precedence.
  private static func notSingle(_ name: VariableName, _ word: String) -> DioptraError {
    DioptraError(
      .configurationInvalid, "\(word.quoted) takes one value",
      remedy: "Give it one value there, or another with --set \(name)=VALUE, which wins over the file")
  }

  private static func repeated(_ name: VariableName, _ word: String, _ first: YAMLValue) -> DioptraError {
    DioptraError(
      .configurationInvalid,
      "\(word.quoted) sets \(name) again, to another value than \((first.string ?? "").quoted) "
        + "on line \(first.place.line)",
      remedy: "Keep one of the two lines, or give the value with --set \(name)=VALUE, which wins over the file")
  }

  /// The variables for an entry of the reference's mapping of images.
  private static func images(
    _ containers: YAMLValue.Mapping, _ variables: [Variable]
  ) -> [String: (value: String, place: TextPlace)] {
    var images: [String: (value: String, place: TextPlace)] = [:]
    for variable in variables {
      guard let part = variable.containerPart, let entry = containers[part.key] else { continue }
      if case .list = part {
        guard let items = entry.sequence else { continue }
        images[variable.name.rawValue] = (items.compactMap { $0.string }.joined(separator: " "), entry.place)
        continue
      }
      guard entry.mapping != nil else { continue }
      func field(_ name: String) -> String { entry[name]?.string ?? "" }
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
      // A value that the reference once wrote by itself is not a choice.
      if variable.supersededPrefixes.contains(where: value.hasPrefix) { continue }
      images[variable.name.rawValue] = (value, entry.place)
    }
    return images
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
