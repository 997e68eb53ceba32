internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// Guards for every command that starts, stops or touches a deployment on its engine. Nothing has been changed when one
/// fails.
struct EngineGuards {
  let engine: any Engine
  let deployment: Deployment
  let folder: ConfinedFolder
  /// The volumes that belong to the deployment without having its label.
  let claims: [String: State.Claim]
  /// The deployment's folder before it was moved; its containers still refer to it.
  var formerFolder: String?

  /// Called before containers are started on the deployment's volumes.
  ///
  /// - Throws: `Refusal`; `DioptraError` if the engine fails.
  func checkStart() async throws {
    try await refusing {
      let volumes = try await volumes()
      try checkOwners(of: volumes)
      try await checkForeignContainers(on: volumes.keys.sorted())
      try await checkProject()
    }
  }

  /// Called before containers are stopped and removed.
  ///
  /// - Throws: `Refusal`; `DioptraError` if the engine fails.
  func checkStop() async throws {
    try await refusing { try await checkProject() }
  }

  /// What a check refuses is a refusal. A check that could not be made because something failed refuses nothing.
  func refusing(_ check: () async throws -> Void) async throws {
    do {
      try await check()
    } catch let error as DioptraError where !error.isFailure {
      throw Refusal(error)
    }
  }

  /// The deployment's existing volumes.
  func volumes() async throws -> [String: VolumeFacts] {
    try await engine.volumes(deployment.blueprint.volumes.map { deployment.volumeName($0.name) })
  }

  /// Protects another deployment's data. Volumes that only initialisation uses contain none.
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

  /// Two servers on one volume destroy its data. A foreign container that only reads does no harm.
  func checkForeignContainers(on volumes: [String]) async throws {
    guard !volumes.isEmpty else { return }
    let foreign = try await engine.containers(.onVolumes(volumes), running: true).filter { !isOwn($0) }
    for container in foreign {
      guard try await engine.writes(container.id, to: volumes) else { continue }
      throw DioptraError(
        .volumeInUse,
        "the container \(container.names)\(container.workingDirectory.map { " of the folder \($0)" } ?? "") runs on the deployment's "
          + "volumes, and two servers on one volume destroy its data",
        remedy:
          "Stop that container with \(run: engine.command(.stopContainer(container.names))), then run the command again"
      )
    }
  }

  /// Everything under one name is one project: stopping would also remove another folder's containers.
  func checkProject() async throws {
    let project = try await engine.project()
    let others = try await engine.containers(.ofProject(project), running: false)
    guard let other = others.first(where: { $0.workingDirectory != nil && !isOwn($0) }),
      let workingDirectory = other.workingDirectory
    else { return }
    throw DioptraError(
      .ownerOther,
      "\(engine.orchestrator) has a project \(project) of another folder, \(workingDirectory), and would mix it up with this one",
      remedy: "Remove that one's containers with \(run: engine.command(.removeProject(project)))",
      "Give this deployment another name with \(dioptra: "rename", "SLUG")")
  }

  /// Whether a container belongs to this folder.
  func isOwn(_ container: ContainerFacts) -> Bool {
    guard let workingDirectory = container.workingDirectory else { return false }
    return workingDirectory == formerFolder || DeploymentFolder.isSame(workingDirectory, folder.path)
  }
}

extension DioptraError {
  /// Whether the engine, a program or the system failed.
  fileprivate var isFailure: Bool {
    switch code {
    case .engineMissing, .engineUnreachable, .engineForbidden, .engineUnsupported, .engineFailed, .programFailed,
      .systemFailed, .internalFault:
      true
    default: false
    }
  }
}

extension State {
  /// The guards for starting or stopping the deployment on an engine.
  func guards(for deployment: Deployment, in folder: ConfinedFolder, on engine: any Engine) throws -> EngineGuards {
    EngineGuards(
      engine: engine, deployment: deployment, folder: folder, claims: try claims(on: engine.id),
      formerFolder: try formerFolder)
  }
}
