internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// The services that a folder's Compose file describes, with what decides whether their containers are made anew.
struct ComposeServices {
  static let file = "docker-compose.yml"

  /// The images by the name of the service.
  let images: [String: String]
  /// The names of the volumes that the file declares.
  let volumes: Set<String>
  private let definitions: [String: YAMLValue]
  private let folder: FolderPreview

  /// A file that is not there, or no Compose file, describes none.
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

  /// The services whose containers Compose makes anew when a folder becomes another one, in order. New ones are not
  /// among them.
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

  /// The services that are no more, and those that are new.
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
