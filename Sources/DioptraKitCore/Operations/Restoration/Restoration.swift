public import DioptraModel
public import DioptraPlatform
public import DioptraRendering
public import DioptraState
public import DioptraSystem

/// A deployment that is brought back from a backup.
public struct Restoration: Sendable {
  public let backup: Backup
  public let deployment: Deployment
  public let plan: RestorationPlan
  let registry: ComponentRegistry
  private let file: ConfigurationFile
  /// The absolute path of the folder.
  public let path: String

  /// Compares; writes nothing.
  ///
  /// - Parameters:
  ///   - path: The absolute path of a folder, or of one that is to be made.
  ///   - onlyData: Whether folder and State stay as they are, which are those of the same deployment.
  /// - Throws: `DioptraError` for a backup that this program cannot restore, or a folder that is no place for it.
  public init(
    of backup: Backup, registry: ComponentRegistry, in path: String, onlyData: Bool = false
  ) throws {
    self.backup = backup
    self.registry = registry
    self.path = path
    guard backup.origin.templateVersion <= registry.templateVersion else {
      throw DioptraError(
        .versionUnsupported,
        "the backup is of a deployment of dioptra \(backup.origin.version), which is newer than this one",
        remedy: "Use that version of \(install: "dioptra") or a newer one")
    }
    guard backup.origin.stateVersion <= StateSchema.version else {
      throw DioptraError(
        .versionUnsupported, "the State in the backup was written by a newer dioptra, \(backup.origin.version)",
        remedy: "Use that version of \(install: "dioptra") or a newer one")
    }
    let identity = Identity(deployment: backup.origin.deployment, folder: path)
    guard onlyData else {
      file = try ConfigurationFile(text: backup.configuration)
      deployment = try Deployment(registry: registry, file: file, identity: identity)
      let slug = deployment.configuration.slug
      guard slug == backup.origin.slug else {
        throw BackupSeal.damaged("it says that it is of \(backup.origin.slug), and its dioptra.yaml is of \(slug)")
      }
      try backup.checkState()
      plan = try RestorationPlan(of: backup, in: path)
      return
    }
    let folder = try ConfinedFolder(path: path)
    guard let state = try State(readingIn: folder), try state.deployment == backup.origin.deployment,
      let text = try folder.read(ConfigurationFile.name)
    else {
      throw DioptraError(
        .backupInvalid, "\(path) is not the deployment that the backup is of",
        remedy: "Restore all of it into an empty folder")
    }
    file = try ConfigurationFile(text: String(decoding: text, as: UTF8.self))
    deployment = try Deployment(registry: registry, file: file, identity: identity)
    try state.requireUpToDate(registry, for: deployment.configuration)
    plan = try RestorationPlan(ofDataOnly: backup, in: folder)
  }

  /// The data in the backup, dumps first.
  var data: [BackupData] {
    get throws {
      let known = deployment.blueprint.backupData.map(\.value)
      return try backup.members.filter { $0.kind == .dump || $0.kind == .volume }.map { member in
        guard let data = known.first(where: { $0.member == member.name }) else {
          throw DioptraError(
            .backupInvalid, "the backup holds \(member.name), which no component of this dioptra knows",
            remedy: "Restore it with \(install: "dioptra") \(backup.origin.version)",
            "Restore it without data with --without-data")
        }
        return data
      }
    }
  }

  // MARK: The engine

  /// How the engine is called afterwards, where the backup says it in its own way.
  public func ownCommand(on platform: any Platform) -> String? {
    plan.isOfDataOnly ? nil : platform.ownCall(of: deployment)
  }

  /// The engine that the data go to. Nothing of the backup is run to find it.
  public func engine(on platform: any Platform) async throws -> any Engine {
    guard plan.isOfDataOnly || backup.origin.templateVersion == registry.templateVersion else {
      throw DioptraError(
        .upgradeRequired, "the backup is of a deployment that has to be upgraded before this dioptra can initialise it",
        remedy: "Restore it with --without-data, run \(dioptra: "upgrade") in the folder, then restore its data with "
          + "--only-data --overwrite")
    }
    do {
      // Before somebody agreed to what is in the backup, from a folder that is there.
      let call = plan.isOfDataOnly ? EngineCall.from(folder: "/") : .plainly
      return try await platform.engine(for: deployment, called: call).engine
    } catch let error as DioptraError where ownCommand(on: platform) != nil {
      throw error.with(
        remedies: error.remedies + [
          "If the deployment calls Docker in its own way, restore it with --without-data, then its data with "
            + "--only-data --overwrite"
        ])
    }
  }

  /// The volumes that are there already and whose contents would be replaced, by the engine's names.
  ///
  /// - Throws: `DioptraError` where they are another deployment's, or in use.
  public func overwrittenVolumes(on engine: any Engine) async throws -> [String] {
    let needed = try data.isEmpty ? 0 : backup.members.filter { $0.kind == .volume }.reduce(0) { $0 + $1.bytes }
    if let place = engine.dataFolder, let free = FileSystemSpace.free(at: place), free < UInt64(needed) {
      throw DioptraError.lacksSpace(at: place, free: free, "the volumes in the backup take", needed)
    }
    let found = try await engine.volumes(deployment.lastingVolumes)
    for (name, volume) in found.sorted(by: { $0.key < $1.key }) {
      let owner = volume.owner
      guard let owner, owner != backup.origin.deployment else { continue }
      throw DioptraError(
        .ownerOther, "the volume \(name) belongs to the deployment \(owner), and its data would be damaged",
        remedy: "If that data is no longer needed, remove it with "
          + "\(run: engine.command(.removeVolumes(ofDeployment: owner)))")
    }
    let users =
      try await found.isEmpty
      ? [] : engine.containers(.onVolumes(found.keys.sorted()), running: true)
    if let user = users.first(where: { !isOwn($0) }) {
      throw DioptraError(
        .volumeInUse, "the container \(user.names) runs on the deployment's volumes, whose data would be replaced",
        remedy: user.home.map { DeploymentFolder.isSame($0, path) } == true
          ? "Stop the deployment with \(dioptra: "stop"), then try again"
          : "Stop that container with \(run: engine.command(.stopContainer(user.names))), then try again")
    }
    let holding = Set(try data.map { deployment.volumeName($0.volume) })
    return found.keys.filter(holding.contains).sorted()
  }

  /// Containers that an earlier restoration left are swept before this one begins.
  private func isOwn(_ container: ContainerFacts) -> Bool {
    deployment.blueprint.initServices.contains { $0.name.rawValue == container.service }
      && container.home.map { DeploymentFolder.isSame($0, path) } == true
  }

  // MARK: Doing it

  /// Puts State and files in place. The holder of the lock calls this.
  ///
  /// - Returns: The deployment as State knows it.
  public func writeFolder(_ folder: ConfinedFolder, now: Timestamp) async throws -> State {
    guard !plan.isOfDataOnly else {
      let mark = UnfinishedRestoration(
        backup: backup.origin.id, path: backup.path, hasState: true, isOfDataOnly: true)
      try mark.write(in: folder)
      return try State(creatingIn: folder, deployment: backup.origin.deployment, now: now)
    }
    guard try RestorationPlan(of: backup, in: path) == plan else {
      throw DioptraError(
        .changedMeanwhile, "\(path) was changed while dioptra was at work", remedy: "Run the command again")
    }
    try await FolderRestoration(backup: backup, folder: folder, plan: plan, now: now).run()
    let state = try State(creatingIn: folder, deployment: backup.origin.deployment, now: now)
    // Whoever restores a deployment here says that it stands here.
    try state.recordPlace(of: folder, now: now)
    return state
  }

  /// Brings the files to what they are in this folder: what names the folder is rendered anew, if it is another one.
  ///
  /// - Returns: The deployment as it is then.
  public func adapt(_ folder: ConfinedFolder, state: State, run: RunRecord, now: Timestamp) throws -> Deployment {
    let deployment = try Deployment(
      in: self.deployment.context, secretVersions: try state.secretVersions())
    guard !plan.isOfDataOnly, backup.origin.templateVersion == registry.templateVersion else { return deployment }
    let update = try FolderUpdate(
      of: folder, to: FolderTarget(deployment, of: registry, configuration: file.text), state: state,
      secrets: try state.secretValues())
    // An edit of the user's that does not go together with the new place waits for the next `init`.
    if !update.isNothingToDo, update.conflicts.isEmpty { try update.apply(to: state, run: run.begin(), now: now) }
    return deployment
  }

  /// Replaces the data on the engine, once the deployment is initialised there.
  ///
  /// - Parameter watch: Is told of each part when it is done.
  /// - Throws: `DioptraError`; `Refusal`; `CancellationError`.
  public func restoreData(
    _ folder: ConfinedFolder, on engine: any Engine, secrets: SecretValues, watch: (String) -> Void
  ) async throws {
    let engine = engine.serving(deployment)
    let source = DeploymentData(
      executor: engine.executor(for: deployment), folder: folder, secrets: secrets)
    let data = try data
    if let user = try await source.user(of: data.map { deployment.volumeName($0.volume) }) {
      throw Refusal(
        DioptraError(
          .volumeInUse, "the container \(user) runs on the deployment's volumes, whose data would be replaced",
          remedy: "Stop it with \(run: engine.command(.stopContainer(user))), then run \(dioptra: "restore") again"))
    }
    func done(_ member: BackupMember, _ data: BackupData) {
      watch("\(data.summary), \(ByteCount.words(member.bytes))")
    }
    try await source.withServices(onlyStarted: true) { containers in
      try await backup.forEachMember(of: [.dump]) { member, content in
        guard case .dump(let dump)? = data.first(where: { $0.member == member.name }),
          let container = containers[dump.service]
        else { return }
        try await source.restore(dump, in: container, content)
        done(member, .dump(dump))
      }
    }
    try await backup.forEachMember(of: [.volume]) { member, content in
      guard case .volume(let copy)? = data.first(where: { $0.member == member.name }) else { return }
      try await source.restore(copy, content)
      done(member, .volume(copy))
    }
  }

  /// Says that the deployment is whole, and throws away what earlier restorations replaced a long time ago.
  ///
  /// - Returns: Why some of that stays.
  public func end(_ folder: ConfinedFolder, _ state: State, now: Timestamp) throws -> DioptraError? {
    try UnfinishedRestoration.end(in: folder)
    return KeptFiles(in: folder).sweep(state, now: now)
  }
}
