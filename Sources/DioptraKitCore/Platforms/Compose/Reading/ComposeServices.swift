internal import DioptraModel
internal import DioptraSystem

/// The services that a folder's Compose file describes, with what decides whether their containers are recreated.
struct ComposeServices {
  let described: DescribedServices

  /// All that a container is made of.
  private struct Description: DescribedServices.Description {
    let definition: YAMLValue
    /// What each of its environment files sets, in their order.
    let environment: [[String: [UInt8]]]
    /// The settings that the definition refers to.
    let settings: [String: [UInt8]]
  }

  /// A file that is not there, or no Compose file, describes none.
  init(in bytes: (String) throws -> [UInt8]?) throws {
    let text = String(decoding: try bytes(ComposeDialect.file) ?? [], as: UTF8.self)
    let root = (try? YAMLText.tree(of: text, allowsAliases: true))?.mapping
    var definitions: [String: YAMLValue] = [:]
    for (name, service) in root?["services"]?.mapping ?? .init() {
      if let name = name.string { definitions[name] = service }
    }
    let settings = definitions.isEmpty ? [:] : try Self.values(Setting.file, bytes)
    described = DescribedServices(
      images: definitions.compactMapValues { $0.mapping?["image"]?.string },
      volumes: Set(root?["volumes"]?.mapping?.keys.compactMap { $0.string } ?? []),
      descriptions: try definitions.mapValues { definition in
        let names = Set(definition.interpolations.map(\.name))
        return Description(
          definition: definition,
          environment: try Self.environmentFiles(of: definition).map { try Self.values($0, bytes) },
          settings: settings.filter { names.contains($0.key) })
      })
  }

  private static func values(_ path: String, _ bytes: (String) throws -> [UInt8]?) throws -> [String: [UInt8]] {
    SettingValues(try bytes(path) ?? [], path: path).values
  }

  private static func environmentFiles(of definition: YAMLValue) -> [String] {
    let entries = definition.mapping?["env_file"]
    let paths = entries?.sequence?.compactMap { $0.string } ?? entries?.string.map { [$0] } ?? []
    return paths.map { $0.hasPrefix("./") ? String($0.dropFirst(2)) : $0 }
  }
}

extension YAMLValue {
  /// Each `${NAME}` in any value.
  var interpolations: [EnvironmentInterpolation.Reference] {
    switch content {
    case .scalar(let scalar): EnvironmentInterpolation.references(in: scalar)
    case .sequence(let sequence): sequence.flatMap(\.interpolations)
    case .mapping(let mapping): mapping.flatMap(\.value.interpolations)
    }
  }
}
