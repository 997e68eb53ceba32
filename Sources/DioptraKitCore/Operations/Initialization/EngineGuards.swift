internal import DioptraModel
internal import DioptraPlatforms
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// What must hold before anything of a deployment is started, stopped or touched on its engine, whichever command does it.
/// Nothing has been changed when one fails.
struct EngineGuards {
  let engine: DockerEngine
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
  func volumes() async throws -> [String: DockerEngine.VolumeFacts] {
    try await engine.volumes(deployment.blueprint.volumes.map { deployment.volumeName($0.name) })
  }

  /// Another deployment's data would be damaged. Volumes that only initialisation uses hold none.
  func checkOwners(of volumes: [String: DockerEngine.VolumeFacts]) throws {
    let label = DockerEngine.deploymentLabel
    for name in deployment.lastingVolumes {
      guard let found = volumes[name] else { continue }
      if let claim = claims[name], claim.holds(for: found) { continue }
      let owner = found.labels?[label]
      guard owner != deployment.context.identity.deployment else { continue }
      let removal = owner.map { "docker volume ls --quiet --filter label=\(label)=\($0) | xargs docker volume rm" }
      throw DioptraError(
        "the volume \(name) belongs to \(owner.map { "the deployment \($0)" } ?? "something else"), and its data would be damaged",
        remedy: "Choose another project_slug for this one, or remove that data if it is no longer needed: "
          + (removal ?? "docker volume rm \(name)"))
    }
  }

  /// Two servers on one volume destroy its data. A container of somebody's own that only reads does no harm.
  func checkStrangers(on volumes: [String]) async throws {
    guard !volumes.isEmpty else { return }
    let strangers = try await engine.containers(all: false, volumes.map { "volume=\($0)" }).filter { !isOwn($0) }
    for stranger in strangers {
      guard try await engine.writes(stranger.id, to: volumes) else { continue }
      throw DioptraError(
        "the container \(stranger.names)\(stranger.home.map { " of the folder \($0)" } ?? "") runs on the deployment's "
          + "volumes, and two servers on one volume destroy its data",
        remedy: "Stop that container with `docker stop \(stranger.names)`, then run the command again")
    }
  }

  /// Compose takes everything under one name for one project: it would remove another folder's containers with ours.
  func checkProject() async throws {
    let project = try await engine.projectName()
    let others = try await engine.containers(all: true, ["\(DockerEngine.composeProjects)=\(project)"])
    guard let other = others.first(where: { $0.home != nil && !isOwn($0) }), let home = other.home else { return }
    throw DioptraError(
      "Compose has a project \(project) of another folder, \(home), and would mix it up with this one",
      remedy: "Remove that one's containers with `docker compose -p \(project) down`, "
        + "or give this deployment another name with `dioptra rename`")
  }

  /// Whether a container was made for this folder.
  func isOwn(_ container: DockerEngine.ContainerFacts) -> Bool {
    guard let home = container.home else { return false }
    return home == formerFolder || DeploymentFolder.isSame(home, folder.path)
  }
}

extension DockerEngine {
  private struct MountFacts: Decodable {
    let name: String?
    let isWritable: Bool

    enum CodingKeys: String, CodingKey {
      case name = "Name"
      case isWritable = "RW"
    }
  }

  /// Whether a container can change what is in one of some volumes.
  fileprivate func writes(_ container: String, to volumes: [String]) async throws -> Bool {
    let found = try await docker("inspect", "--format", names: ["{{json .Mounts}}", container]).outcome()
    // It may have ended meanwhile.
    guard let mounts = try? found.decoded([MountFacts].self) else { return found.succeeded }
    return mounts.contains { mount in mount.isWritable && mount.name.map(volumes.contains) == true }
  }
}

extension State {
  /// What is asked before anything of the deployment is started or stopped on an engine.
  func guards(for deployment: Deployment, in folder: ConfinedFolder, on engine: DockerEngine) throws -> EngineGuards {
    EngineGuards(
      engine: engine, deployment: deployment, folder: folder, claims: try claims(on: engine.id),
      formerFolder: try formerFolder)
  }
}
