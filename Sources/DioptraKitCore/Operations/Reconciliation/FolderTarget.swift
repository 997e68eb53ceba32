public import DioptraModel
internal import DioptraPlatform
public import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// What a folder is to be brought to.
public struct FolderTarget: Sendable {
  /// A file as it is wanted.
  struct File: Sendable {
    let component: ComponentID
    let version: FileVersion
    /// Whether the file is a projection of secrets, which is brought back when it is missing.
    let showsSecrets: Bool
  }

  let files: [String: File]
  /// The characters that `dioptra.yaml` is to have.
  let configuration: String
  public let version: GenerationVersion
  /// The migrations that lead there and that the deployment has not run yet.
  let migrations: [Migration]
  /// The files that have other paths there.
  let moves: [FileMove]
  /// What the files are written in.
  let dialect: any PlatformDialect

  init(
    files: [String: File], of registry: ComponentRegistry, configuration: String, version: GenerationVersion,
    moves: [FileMove]
  ) {
    migrations = []
    dialect = registry.dialect
    self.moves = moves
    self.files = files
    self.configuration = configuration
    self.version = version
  }

  /// What a deployment is rendered as.
  ///
  /// - Parameters:
  ///   - registry: The components that it is made of, among others.
  ///   - configuration: The characters that `dioptra.yaml` is to have.
  ///   - migrations: Those that lead there and that the deployment has not run yet.
  public init(
    _ deployment: Deployment, of registry: ComponentRegistry, configuration: String, migrations: [Migration] = []
  ) {
    self.init(deployment, of: registry, configuration: configuration, migrations: migrations, moves: migrations.moves)
  }

  /// - Parameter moves: The files that have other paths there.
  init(
    _ deployment: Deployment, of registry: ComponentRegistry, configuration: String, migrations: [Migration] = [],
    moves: [FileMove]
  ) {
    self.migrations = migrations
    self.moves = moves
    dialect = registry.dialect
    files = Dictionary(
      uniqueKeysWithValues: deployment.tree.files.map { file in
        let version = FileVersion(text: StoredText(file), mode: file.permissions.mode)
        return (file.path, File(component: file.component, version: version, showsSecrets: !file.secrets.isEmpty))
      })
    self.configuration = configuration
    version = registry.version(of: deployment.configuration)
  }
}
