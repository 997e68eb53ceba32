public import DioptraModel
internal import DioptraPlatform
public import DioptraRendering
public import DioptraState
public import DioptraSystem

/// A deployment's way to what this program makes of it: its migrations, its configuration and its files afterwards.
public struct Upgrade {
  /// What the deployment is.
  public let from: GenerationVersion
  /// What it will be.
  public let to: GenerationVersion
  /// What has to be done on the way, in this order.
  public let migrations: [Migration]
  public let configurationBefore: ConfigurationFile
  /// `dioptra.yaml` as it will be.
  public let configuration: ConfigurationFile
  /// The deployment as it will be.
  public let deployment: Deployment
  public let update: FolderUpdate
  /// The secrets that have to be generated.
  public let newSecrets: [Secret]
  let folder: ConfinedFolder
  /// What an upgrade that did not get to its end was on the way to.
  let begun: GenerationVersion?

  /// Works everything out; writes nothing.
  ///
  /// - Parameter file: `dioptra.yaml` as it is.
  /// - Throws: `DioptraError` when the deployment cannot become what is asked for, and why.
  public init(
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
    // An upgrade that died was confirmed by the person who began it. What led back was no upgrade.
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
    let scene = MigrationScene(before: path.before, after: path.configuration, folder: folder)
    for migration in migrations { try migration.check(scene) }
    let versions = try state.secretVersions().renamed(by: migrations)
    deployment = try Deployment(in: context, secretVersions: versions)
    let secrets = deployment.blueprint.secrets.map(\.value)
    newSecrets = secrets.filter { versions[$0.name] == nil }
    let target = FolderTarget(
      deployment, of: registry, configuration: configuration.text, migrations: migrations)
    to = target.version
    update = try FolderUpdate(
      of: folder, to: target, state: state, secrets: known.renamed(by: migrations).completed(for: secrets),
      choice: request.choice, resolutions: request.resolutions)
    try update.check(startedFrom: file.text)
    try refuseLoweredImages(before: path.before)
  }

  /// What follows the release, as a rule, and does not name the new one, for a person to look at.
  public var notes: [String] {
    guard from.release != to.release else { return [] }
    return deployment.configuration.variables.filter(\.followsRelease).compactMap { variable in
      guard let value = configuration.value(of: variable), !value.contains(to.release) else { return nil }
      return "\(variable.name) stays \(value): it does not name release \(to.release), but has to be of it."
    }
  }

  /// Whether the folder is what this program makes of it.
  public var isNothingToDo: Bool { update.isNothingToDo && newSecrets.isEmpty }

  /// Whether secrets are generated or get other names.
  public var changesSecrets: Bool { !newSecrets.isEmpty || !migrations.renamedSecrets.isEmpty }

  private func refuseLoweredImages(before configuration: Configuration) throws {
    guard update.changes.contains(where: { $0.path == ComposeServices.file }) else { return }
    let lowered = LoweredImage.all(
      from: try images(before: configuration), to: try ComposeServices(in: update.preview).images)
    guard let first = lowered.first else { return }
    let others = lowered.count == 1 ? "" : ", and \(lowered.count - 1) more"
    throw DioptraError(
      .downgradeRefused, "\(first.words)\(others), and servers do not read what newer ones wrote",
      remedy: "Choose the image that it has now in \(edit: ConfigurationFile.name); see \(dioptra: "config", "list")")
  }

  /// The images that the services run. What the reference's files name may be one that never could, and what was adopted
  /// is in the configuration.
  private func images(before configuration: Configuration) throws -> [String: String] {
    guard from.template == GenerationVersion.referenceTemplate else {
      return try ComposeServices(in: FolderPreview(folder)).images
    }
    let context = Context(configuration: configuration, identity: deployment.context.identity)
    return try Deployment(in: context).serviceImages()
  }
}
