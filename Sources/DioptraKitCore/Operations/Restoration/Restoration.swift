package import DioptraModel
package import DioptraPlatform
public import DioptraRendering
package import DioptraState
package import DioptraSystem

/// Restores a deployment from a backup.
public struct Restoration: Sendable {
  /// The backup to restore.
  public let backup: Backup
  /// The deployment as the backup's `dioptra.yaml` describes it; if only data are restored, as the folder's own does.
  public let deployment: Deployment
  /// What is written to the folder.
  public let plan: RestorationPlan
  let registry: ComponentRegistry
  private let file: ConfigurationFile
  /// The absolute path of the folder.
  public let path: String

  /// Compares; read-only.
  ///
  /// - Parameters:
  /// - path: The absolute path of the folder, which need not exist.
  /// - onlyData: Whether folder and State are left alone; they must belong to the same deployment.
  /// - Throws: `DioptraError` for a backup that this program cannot restore, or an unsuitable folder.
  package init(
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

  /// The command that runs the engine afterwards, if the backup sets its own.
  package func ownCommand(on platform: any Platform) -> String? {
    plan.isOfDataOnly ? nil : platform.ownCall(of: deployment)
  }

  /// The engine for the data. Nothing from the backup is run to find it.
  package func engine(on platform: any Platform) async throws -> any Engine {
    guard plan.isOfDataOnly || backup.origin.templateVersion == registry.templateVersion else {
      throw DioptraError(
        .upgradeRequired, "the backup is of a deployment that has to be upgraded before this dioptra can initialise it",
        remedy: "Restore it with --without-data, run \(dioptra: "upgrade") in the folder, then restore its data with "
          + "--only-data --overwrite")
    }
    do {
      // Before the user agreed to the backup's content, from an existing folder.
      let call = plan.isOfDataOnly ? EngineCall.from(folder: "/") : .plainly
      return try await platform.engine(for: deployment, called: call).engine
    } catch let error as DioptraError where ownCommand(on: platform) != nil {
      throw error.with(
        remedies: error.remedies + [
          "If the deployment calls \(registry.dialect.words.engine) in its own way, restore it with --without-data, then its data with "
            + "--only-data --overwrite"
        ])
    }
  }

  /// The existing volumes whose contents would be replaced, by the engine's names.
  ///
  /// - Throws: `DioptraError` if they belong to another deployment, or are in use.
  package func overwrittenVolumes(on engine: any Engine) async throws -> [String] {
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
        remedy: user.workingDirectory.map { DeploymentFolder.isSame($0, path) } == true
          ? "Stop the deployment with \(dioptra: "stop"), then try again"
          : "Stop that container with \(run: engine.command(.stopContainer(user.names))), then try again")
    }
    let holding = Set(try data.map { deployment.volumeName($0.volume) })
    return found.keys.filter(holding.contains).sorted()
  }

  /// Containers left behind by an interrupted restoration are removed before this one begins.
  private func isOwn(_ container: ContainerFacts) -> Bool {
    deployment.blueprint.initServices.contains { $0.name.rawValue == container.service }
      && container.workingDirectory.map { DeploymentFolder.isSame($0, path) } == true
  }

  // MARK: Execution

  /// Writes State and the files. The holder of the lock calls this.
  ///
  /// - Returns: The deployment as recorded in State.
  func writeFolder(_ place: WritableFolder, now: Timestamp) async throws -> State {
    let folder = place.folder
    guard !plan.isOfDataOnly else {
      let marker = UnfinishedRestoration(
        backup: backup.origin.id, path: backup.path, hasState: true, isOfDataOnly: true)
      try marker.write(in: folder)
      return try place.state(orNew: backup.origin.deployment, now: now)
    }
    guard try RestorationPlan(of: backup, in: path) == plan else {
      throw DioptraError(
        .changedMeanwhile, "\(path) was changed while dioptra was at work", remedy: "Run the command again")
    }
    try await FolderRestoration(backup: backup, folder: folder, plan: plan, now: now).run()
    let state = try place.state(orNew: backup.origin.deployment, now: now)
    // Restoring a deployment here makes this its folder.
    try state.recordPlace(of: folder, now: now)
    return state
  }

  /// Updates the files for this folder: if it is another one, files that name the folder are rendered again.
  ///
  /// - Returns: The resulting deployment.
  package func adapt(_ folder: ConfinedFolder, state: State, run: RunRecord, now: Timestamp) throws -> Deployment {
    let deployment = try Deployment(
      in: self.deployment.context, secretVersions: try state.secretVersions())
    guard !plan.isOfDataOnly, backup.origin.templateVersion == registry.templateVersion else { return deployment }
    let folderPlan = try FolderPlan(
      of: folder, to: FolderTarget(deployment, of: registry, configuration: file.text), state: state,
      secrets: try state.secretValues())
    // A user's edit that conflicts with the new place is left to the next `init`.
    if !folderPlan.isNothingToDo, folderPlan.conflicts.isEmpty {
      try folderPlan.apply(to: state, run: run.begin(), now: now)
    }
    return deployment
  }

  /// Replaces the data on the engine, after the deployment is initialised there.
  ///
  /// - Parameter watch: Called for each completed part.
  /// - Throws: `DioptraError`; `Refusal`; `CancellationError`.
  package func restoreData(
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
      watch("\(data.summary), \(ByteCount.text(member.bytes))")
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

  /// Records that the deployment is complete, and prunes what old restorations replaced.
  ///
  /// - Returns: Why something could not be pruned.
  package func end(_ folder: ConfinedFolder, _ state: State, now: Timestamp) throws -> DioptraError? {
    try UnfinishedRestoration.end(in: folder)
    return KeptFiles(in: folder).sweep(state, now: now)
  }
}
