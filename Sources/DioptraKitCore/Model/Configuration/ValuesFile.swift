public import DioptraSystem

/// A file given with `--values`: names and values in YAML or JSON, or the context file of the reference template's
/// generator.
public struct ValuesFile: Sendable {
  /// The values, by variable.
  public let values: [String: String]
  /// The invalid entries, in the order of the file.
  public let faults: [Fault]

  /// An entry without a usable value.
  public struct Fault: Sendable {
    /// The variable's name; the file's own name if unknown.
    public let name: String
    /// What is wrong, with the name of the file, and what to do.
    public let error: DioptraError
  }

  /// - Parameters:
  ///   - text: The file's characters.
  /// - name: The file's name in errors.
  /// - variables: Every known variable.
  /// - Throws: `DioptraError` if the file does not contain names and values.
  public init(text: String, name: String, variables: [Variable]) throws(DioptraError) {
    let root: YAMLValue?
    do {
      root = try YAMLText.tree(of: text, allowsAliases: false)
    } catch {
      throw DioptraError(
        .configurationInvalid, "\(error.place(in: name)) is neither YAML nor JSON: \(error.problem)",
        remedy: "Correct \(edit: name), or give another file")
    }
    guard var mapping = root?.mapping else {
      throw DioptraError(
        .configurationInvalid, "\(name) does not hold names with values",
        remedy: "Give a file such as {\"name\": \"value\"}")
    }
    for wrapper in ["context", "cookiecutter"] {
      if let inner = mapping[wrapper]?.mapping { mapping = inner }
    }
    var values: [String: String] = [:]
    var faults: [Fault] = []
    for (key, value) in mapping {
      guard let word = key.string else { continue }
      if word == "__containers", let containers = value.mapping {
        values.merge(try Self.images(containers, variables)) { written, _ in written }
        continue
      }
      let isKnown = variables.contains { $0.name.rawValue == word || $0.aliases.contains(word) }
      if !isKnown, word.hasPrefix("_") { continue }
      let known: Variable
      do throws(DioptraError) {
        known = try variables.named(word)
      } catch {
        faults.append(Fault(name: word, error: error.inFile(name)))
        continue
      }
      guard let scalar = value.string ?? (known.name == RegistryMirrors.variable ? value.pairs : nil) else {
        let error = DioptraError(
          .configurationInvalid, "\(name) has no single value for \(word.quoted)", remedy: Self.remedy(known.name))
        faults.append(Fault(name: known.name.rawValue, error: error))
        continue
      }
      // The generator keeps unrendered defaults of its private variables.
      if scalar.contains("{{") { continue }
      values[known.name.rawValue] = scalar
    }
    self.values = values
    self.faults = faults
  }

  /// The file need not be edited: the command line takes precedence.
  private static func remedy(_ name: VariableName) -> Remedy {
    "Give it one value there, or another with --set \(name)=VALUE, which wins over the file"
  }

  /// Checks a value of the file.
  ///
  /// - Parameter accept: Returns its canonical form.
  /// - Throws: `DioptraError` with a way to proceed without editing the file.
  public static func checked(
    _ name: VariableName, in file: String, accept: () throws -> String
  ) throws -> String {
    do {
      return try accept()
    } catch let error as DioptraError {
      throw error.inFile(file).with(
        remedies: error.remedies.map { "\($0), in the file or with --set \(name)=VALUE, which wins over it" })
    }
  }

  /// The variables for an entry of the reference's mapping of images.
  private static func images(
    _ containers: YAMLValue.Mapping, _ variables: [Variable]
  ) throws(DioptraError) -> [String: String] {
    var values: [String: String] = [:]
    for variable in variables {
      guard let part = variable.containerPart else { continue }
      if case .list(let key) = part {
        guard let items = containers[key]?.sequence else { continue }
        values[variable.name.rawValue] = items.compactMap { $0.string }.joined(separator: " ")
        continue
      }
      guard let entry = containers[part.key]?.mapping else { continue }
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

extension DioptraError {
  fileprivate func inFile(_ name: String) -> DioptraError {
    saying("\(name): \(problem)")
  }
}
