internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// What must hold before anything of a deployment is started, stopped or touched on its engine, whichever command does it.
/// Nothing has been changed when one fails.
struct EngineGuards {
  let engine: any Engine
  let deployment: Deployment
  let folder: ConfinedFolder
  /// The volumes without our label that are the deployment's all the same.
  let claims: [String: State.Claim]
  /// Where the deployment stood before it was moved; its containers still say so.
  var formerFolder: String?

  /// Before containers are started on the deployment's volumes.
  ///
  /// - Throws: `Refusal`.
  func checkStart() async throws {
    try await refusing {
      let volumes = try await volumes()
      try checkOwners(of: volumes)
      try await checkStrangers(on: volumes.keys.sorted())
      try await checkProject()
    }
  }

  /// Before containers are stopped and removed.
  ///
  /// - Throws: `Refusal`.
  func checkStop() async throws {
    try await refusing { try await checkProject() }
  }

  func refusing(_ check: () async throws -> Void) async throws {
    do {
      try await check()
    } catch let error as DioptraError {
      throw Refusal(error)
    }
  }

  /// Those of the deployment's volumes that exist.
  func volumes() async throws -> [String: VolumeFacts] {
    try await engine.volumes(deployment.blueprint.volumes.map { deployment.volumeName($0.name) })
  }

  /// Another deployment's data would be damaged. Volumes that only initialisation uses hold none.
  func checkOwners(of volumes: [String: VolumeFacts]) throws {
    for name in deployment.lastingVolumes {
      guard let found = volumes[name] else { continue }
      if let claim = claims[name], claim.holds(for: found) { continue }
      let owner = found.owner
      guard owner != deployment.context.identity.deployment else { continue }
      let removal = engine.command(owner.map { .removeVolumes(ofDeployment: $0) } ?? .removeVolume(name))
      throw DioptraError(
        .ownerOther,
        "the volume \(name) belongs to \(owner.map { "the deployment \($0)" } ?? "something else"), and its data would be damaged",
        remedy: "Choose another \(set: "project_slug") for this one",
        "If that data is no longer needed, remove it with \(run: removal)")
    }
  }

  /// Two servers on one volume destroy its data. A container of somebody's own that only reads does no harm.
  func checkStrangers(on volumes: [String]) async throws {
    guard !volumes.isEmpty else { return }
    let strangers = try await engine.containers(.onVolumes(volumes), running: true).filter { !isOwn($0) }
    for stranger in strangers {
      guard try await engine.writes(stranger.id, to: volumes) else { continue }
      throw DioptraError(
        .volumeInUse,
        "the container \(stranger.names)\(stranger.home.map { " of the folder \($0)" } ?? "") runs on the deployment's "
          + "volumes, and two servers on one volume destroy its data",
        remedy:
          "Stop that container with \(run: engine.command(.stopContainer(stranger.names))), then run the command again")
    }
  }

  /// Everything under one name is one project: stopping would remove another folder's containers with ours.
  func checkProject() async throws {
    let project = try await engine.project()
    let others = try await engine.containers(.ofProject(project), running: false)
    guard let other = others.first(where: { $0.home != nil && !isOwn($0) }), let home = other.home else { return }
    throw DioptraError(
      .ownerOther,
      "\(engine.orchestrator) has a project \(project) of another folder, \(home), and would mix it up with this one",
      remedy: "Remove that one's containers with \(run: engine.command(.removeProject(project)))",
      "Give this deployment another name with \(dioptra: "rename", "SLUG")")
  }

  /// Whether a container was made for this folder.
  func isOwn(_ container: ContainerFacts) -> Bool {
    guard let home = container.home else { return false }
    return home == formerFolder || DeploymentFolder.isSame(home, folder.path)
  }
}

extension State {
  /// What is asked before anything of the deployment is started or stopped on an engine.
  func guards(for deployment: Deployment, in folder: ConfinedFolder, on engine: any Engine) throws -> EngineGuards {
    EngineGuards(
      engine: engine, deployment: deployment, folder: folder, claims: try claims(on: engine.id),
      formerFolder: try formerFolder)
  }
}
