package import DioptraModel
internal import DioptraPlatform
package import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// The intended state of a folder.
package struct FolderTarget: Sendable {
  /// An intended file.
  struct File: Sendable {
    let component: ComponentID
    let version: FileVersion
    /// Whether the file shows secrets, and so is restored if it is missing.
    let showsSecrets: Bool
    /// The content with its origins; nil where they are not known.
    var text: Text?
  }

  let files: [String: File]
  /// The intended characters of `dioptra.yaml`.
  let configuration: String
  package let version: GenerationVersion
  /// The pending migrations.
  let migrations: [Migration]
  /// The files that are moved.
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

  /// The target for a deployment.
  ///
  /// - Parameters:
  /// - registry: All known components.
  /// - configuration: The intended characters of `dioptra.yaml`.
  /// - migrations: The pending migrations.
  package init(
    _ deployment: Deployment, of registry: ComponentRegistry, configuration: String, migrations: [Migration] = []
  ) {
    self.init(deployment, of: registry, configuration: configuration, migrations: migrations, moves: migrations.moves)
  }

  /// - Parameter moves: The files that are moved.
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
        return (
          file.path,
          File(
            component: file.component, version: version, showsSecrets: !file.secrets.isEmpty, text: file.text)
        )
      })
    self.configuration = configuration
    version = registry.version(of: deployment.configuration)
  }
}
