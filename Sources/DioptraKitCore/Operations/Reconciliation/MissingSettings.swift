internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// Names that the Compose files of a folder use and `.env` does not set: Compose replaces these with empty text and
/// starts the service anyway.
struct MissingSettings {
  struct Reference: Equatable {
    /// The Compose file.
    let file: String
    let name: String
  }

  /// Sorted by file, then by name.
  let all: [Reference]
  /// Why Compose cannot read `.env`.
  let fault: EnvironmentFault?

  static let composeFiles = [ComposeServices.file, "docker-compose.init.yml", "docker-compose.override.yml"]

  /// Empty for a folder without `.env`, whose absence is reported instead.
  init(in folder: FolderPreview) throws {
    guard let bytes = try folder.read(Setting.file) else {
      all = []
      fault = nil
      return
    }
    let settings = SettingValues(bytes, path: Setting.file)
    fault = settings.fault
    guard settings.fault == nil else {
      all = []
      return
    }
    all = try Self.composeFiles.flatMap { file in
      let needed = Self.names(in: String(decoding: try folder.read(file) ?? [], as: UTF8.self))
      return needed.subtracting(settings.names).sorted().map { Reference(file: file, name: $0) }
    }
  }

  /// For output: `X, Y for docker-compose.yml`.
  var text: String {
    Self.composeFiles.compactMap { file in
      let names = all.filter { $0.file == file }.map(\.name)
      return names.isEmpty ? nil : "\(names.joined(separator: ", ")) for \(file)"
    }.joined(separator: "; ")
  }

  /// The names that a Compose file requires; empty for a text that is not YAML.
  static func names(in text: String) -> Set<String> {
    guard text.contains("$"), let documents = try? YAMLText.documents(in: text) else { return [] }
    return documents.reduce(into: []) { $0.formUnion(names(in: $1)) }
  }

  private static func names(in node: YAMLValue) -> Set<String> {
    switch node.content {
    case .scalar(let scalar):
      let references = EnvironmentInterpolation.references(in: scalar)
      return Set(references.filter { !$0.hasDefault && !EnvironmentInterpolation.isCallers($0.name) }.map(\.name))
    case .sequence(let sequence): return sequence.reduce(into: []) { $0.formUnion(names(in: $1)) }
    case .mapping(let mapping): return mapping.reduce(into: []) { $0.formUnion(names(in: $1.value)) }
    }
  }
}
