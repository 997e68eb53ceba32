internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// The services in a folder's Compose file, with what decides whether their containers are recreated.
struct ComposeServices {
  static let file = "docker-compose.yml"

  /// The images, by service.
  let images: [String: String]
  /// The volumes that the file declares.
  let volumes: Set<String>
  private let definitions: [String: YAMLValue]
  private let folder: FolderPreview

  /// A missing or invalid Compose file has no services.
  init(in folder: FolderPreview) throws {
    self.folder = folder
    let text = String(decoding: try folder.read(Self.file) ?? [], as: UTF8.self)
    let root = (try? YAMLText.tree(of: text, allowsAliases: true))?.mapping
    let services = root?["services"]?.mapping ?? YAMLValue.Mapping()
    volumes = Set(root?["volumes"]?.mapping?.keys.compactMap { $0.string } ?? [])
    var definitions: [String: YAMLValue] = [:]
    for (name, service) in services { if let name = name.string { definitions[name] = service } }
    self.definitions = definitions
    images = definitions.compactMapValues { $0.mapping?["image"]?.string }
  }

  /// The existing services whose containers Compose recreates when a folder changes into another, sorted.
  func recreated(by other: ComposeServices) throws -> [String] {
    guard !definitions.isEmpty else { return [] }
    let settings = try Self.settings(of: folder)
    let otherSettings = try Self.settings(of: other.folder)
    return try definitions.keys.sorted().filter { name in
      guard let definition = definitions[name], let new = other.definitions[name] else { return false }
      if definition != new { return true }
      for path in Self.environmentFiles(of: definition) {
        let (old, new) = (try folder.read(path) ?? [], try other.folder.read(path) ?? [])
        if SettingValues(old, path: path).values != SettingValues(new, path: path).values { return true }
      }
      return Self.settingNames(in: definition).contains { settings[$0] != otherSettings[$0] }
    }
  }

  /// The removed services, and the new ones.
  func gone(in other: ComposeServices) -> [String] {
    definitions.keys.filter { other.definitions[$0] == nil }.sorted()
  }

  private static func settings(of folder: FolderPreview) throws -> [String: [UInt8]] {
    SettingValues(try folder.read(Setting.file) ?? [], path: Setting.file).values
  }

  private static func environmentFiles(of definition: YAMLValue) -> [String] {
    let entries = definition.mapping?["env_file"]
    let paths = entries?.sequence?.compactMap { $0.string } ?? entries?.string.map { [$0] } ?? []
    return paths.map { $0.hasPrefix("./") ? String($0.dropFirst(2)) : $0 }
  }

  /// The names of `${NAME}` in any value.
  private static func settingNames(in node: YAMLValue) -> Set<String> {
    switch node.content {
    case .scalar(let scalar): return Set(EnvironmentInterpolation.references(in: scalar).map(\.name))
    case .sequence(let sequence): return sequence.reduce(into: []) { $0.formUnion(settingNames(in: $1)) }
    case .mapping(let mapping): return mapping.reduce(into: []) { $0.formUnion(settingNames(in: $1.value)) }
    }
  }
}
