public import DioptraModel
internal import DioptraPlatform
public import DioptraRendering
package import DioptraState
package import DioptraSystem

/// The upgrade of a deployment to this program's version: its migrations, and the resulting configuration and files.
public struct Upgrade {
  /// The present version.
  public let from: GenerationVersion
  /// The future version.
  public let to: GenerationVersion
  /// The pending migrations, in order.
  public let migrations: [Migration]
  /// The present `dioptra.yaml`.
  public let configurationBefore: ConfigurationFile
  /// The future `dioptra.yaml`.
  public let configuration: ConfigurationFile
  /// The upgraded deployment.
  public let deployment: Deployment
  /// The changes to the files.
  public let folderPlan: FolderPlan
  /// The secrets to generate.
  public let newSecrets: [Secret]
  let folder: ConfinedFolder
  /// The target of an interrupted upgrade.
  let begun: GenerationVersion?

  /// Plans everything; read-only.
  ///
  /// - Parameter file: The present `dioptra.yaml`.
  /// - Throws: `DioptraError` with the reason if the upgrade is impossible.
  package init(
    of folder: ConfinedFolder, state: State, registry: ComponentRegistry, file: ConfigurationFile,
    request: UpgradeRequest = UpgradeRequest()
  ) throws {
    guard let applied = try state.appliedGeneration() else {
      throw DioptraError.unfinishedInit(in: folder.path)
    }
    self.folder = folder
    from = try registry.baseline(of: applied.version)
    let known = try state.secretValues()
    begun = try state.unfinishedGenerations().last?.version
    var request = request
    // The user already confirmed an interrupted upgrade. A rollback was not an upgrade.
    if request.release == nil, let begun, let new = Release(begun.release),
      Release(from.release).map({ $0 <= new }) ?? true
    {
      request.release = begun.release
    }
    let path = try UpgradePath(from: from, file: file, registry: registry, request: request)
    try state.requireSameSlug(registry, as: path.configuration)
    migrations = path.migrations
    configurationBefore = file
    configuration = path.after
    let identity = Identity(deployment: try state.deployment, folder: folder.path)
    let context = Context(configuration: path.configuration, identity: identity)
    let changed = MigrationContext(before: path.before, after: path.configuration, folder: folder)
    for migration in migrations { try migration.check(changed) }
    let versions = try state.secretVersions().renamed(by: migrations)
    deployment = try Deployment(in: context, secretVersions: versions)
    let secrets = deployment.blueprint.secrets.map(\.value)
    newSecrets = secrets.filter { versions[$0.name] == nil }
    let target = FolderTarget(
      deployment, of: registry, configuration: configuration.text, migrations: migrations)
    to = target.version
    folderPlan = try FolderPlan(
      of: folder, to: target, state: state, secrets: known.renamed(by: migrations).completed(for: secrets),
      choice: request.choice, resolutions: request.resolutions)
    try folderPlan.check(startedFrom: file.text)
    try refuseLoweredImages(before: path.before)
  }

  /// Values that normally follow the release but do not name the new one, for the user to review.
  public var notes: [String] {
    guard from.release != to.release else { return [] }
    return deployment.configuration.variables.filter(\.followsRelease).compactMap { variable in
      guard let value = configuration.value(of: variable), !value.contains(to.release) else { return nil }
      return "\(variable.name) stays \(value): it does not name release \(to.release); make sure that it belongs to it."
    }
  }

  /// Whether the folder is up to date.
  public var isNothingToDo: Bool { folderPlan.isNothingToDo && newSecrets.isEmpty }

  /// Whether secrets are generated or renamed.
  public var changesSecrets: Bool { !newSecrets.isEmpty || !migrations.renamedSecrets.isEmpty }

  private func refuseLoweredImages(before configuration: Configuration) throws {
    guard folderPlan.changes.contains(where: { $0.path == deployment.dialect.words.file }) else { return }
    let lowered = LoweredImage.all(
      from: try images(before: configuration), to: try deployment.dialect.services(in: folderPlan.preview.read).images)
    guard let first = lowered.first else { return }
    let others = lowered.count == 1 ? "" : ", and \(lowered.count - 1) more"
    throw DioptraError(
      .downgradeRefused, "\(first.text)\(others), and servers do not read what newer ones wrote",
      remedy: "Choose the image that it has now in \(edit: ConfigurationFile.name); see \(dioptra: "config", "list")")
  }

  /// The images of the services. Those in the reference template's files may never have worked; those of an adopted
  /// deployment are in its configuration.
  private func images(before configuration: Configuration) throws -> [String: String] {
    guard from.template == GenerationVersion.referenceTemplate else {
      return try deployment.dialect.services(in: FolderPreview(folder).read).images
    }
    let context = Context(configuration: configuration, identity: deployment.context.identity)
    return try Deployment(in: context).serviceImages()
  }
}
