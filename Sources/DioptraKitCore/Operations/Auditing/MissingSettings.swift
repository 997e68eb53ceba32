internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import Yams

/// Names that the Compose files of a folder refer to and `.env` does not set: Compose puts nothing in their place, and
/// starts the service all the same.
struct MissingSettings {
  struct Reference: Equatable {
    /// The Compose file.
    let file: String
    let name: String
  }

  /// In the order of the files, then of the names.
  let all: [Reference]
  /// Why Compose cannot read `.env`.
  let fault: EnvironmentFault?

  static let composeFiles = [ComposeServices.file, "docker-compose.init.yml", "docker-compose.override.yml"]

  /// Of a folder without `.env` there are none: that the file is missing says more.
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

  /// For people: `X, Y for docker-compose.yml`.
  var words: String {
    Self.composeFiles.compactMap { file in
      let names = all.filter { $0.file == file }.map(\.name)
      return names.isEmpty ? nil : "\(names.joined(separator: ", ")) for \(file)"
    }.joined(separator: "; ")
  }

  /// The names without which a Compose file lacks something; none of a text that is no YAML.
  static func names(in text: String) -> Set<String> {
    guard text.contains("$"), let documents = try? ComposeDocuments.all(in: text) else { return [] }
    return documents.reduce(into: []) { $0.formUnion(names(in: $1)) }
  }

  private static func names(in node: Node) -> Set<String> {
    switch node {
    case .scalar(let scalar):
      let references = EnvironmentInterpolation.references(in: scalar.string)
      return Set(references.filter { !$0.hasDefault && !EnvironmentInterpolation.isCallers($0.name) }.map(\.name))
    case .sequence(let sequence): return sequence.reduce(into: []) { $0.formUnion(names(in: $1)) }
    case .mapping(let mapping): return mapping.reduce(into: []) { $0.formUnion(names(in: $1.value)) }
    default: return []
    }
  }
}

/// Whether Compose finds a value for every name in the Compose files.
struct SettingsCheck: HostCheck {
  let title = "settings"

  func findings(in scene: HostScene) throws -> [CheckFinding] {
    guard try scene.folder.entry(Setting.file) != nil else { return [] }
    let missing = try MissingSettings(in: FolderPreview(scene.folder))
    if let fault = missing.fault {
      let error = fault.error(in: Setting.file)
      return [.error(error.problem, remedy: error.remedy)]
    }
    guard !missing.all.isEmpty else { return [.ok("\(Setting.file) sets what the Compose files ask for")] }
    return [
      .error(
        "\(Setting.file) does not set \(missing.words): Compose puts nothing in their place",
        remedy: "Add a line NAME=VALUE for each of them to \(Setting.file)")
    ]
  }
}

extension Drift {
  /// What the Compose files ask for and `.env` does not set.
  static func settingFindings(
    in folder: ConfinedFolder, _ component: ComponentID, remedy: String
  ) throws -> [DriftFinding] {
    // What cannot be read is told elsewhere.
    guard case .file? = try folder.entry(Setting.file), let missing = try? MissingSettings(in: FolderPreview(folder))
    else { return [] }
    let detail: String
    if let fault = missing.fault {
      detail = "line \(fault.line): \(fault.reason)"
    } else if !missing.all.isEmpty {
      detail = "does not set \(missing.words)"
    } else {
      return []
    }
    return [DriftFinding(path: Setting.file, kind: .setting, component: component, remedy: remedy, detail: detail)]
  }
}
