internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// Names that the files which describe a folder's services refer to and `.env` does not set: the platform puts nothing
/// in their place, and starts the service all the same.
struct MissingSettings {
  struct Reference: Equatable {
    /// The file that refers to it.
    let file: String
    let name: String
  }

  /// Sorted by file, then by name.
  let all: [Reference]
  /// Why `.env` cannot be read.
  let fault: EnvironmentFault?

  private let files: [String]

  /// Empty for a folder without `.env`, whose absence is reported instead.
  init(in folder: FolderPreview, _ dialect: any PlatformDialect) throws {
    files = dialect.projectFiles
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
    all = try files.flatMap { file in
      let needed = dialect.neededSettings(in: String(decoding: try folder.read(file) ?? [], as: UTF8.self))
      return needed.subtracting(settings.names).sorted().map { Reference(file: file, name: $0) }
    }
  }

  /// For people: `X, Y for services.yml`.
  var text: String {
    files.compactMap { file in
      let names = all.filter { $0.file == file }.map(\.name)
      return names.isEmpty ? nil : "\(names.joined(separator: ", ")) for \(file)"
    }.joined(separator: "; ")
  }
}
