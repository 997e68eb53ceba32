/// What must hold before anything touches the deployment's volumes. Nothing has been changed when one fails.
struct InitGuards {
  let executor: StepExecutor
  let folder: ConfinedFolder
  let plan: InitPlan
  /// The volumes without our label that are the deployment's all the same.
  let claims: [String: State.Claim]

  private var deployment: Deployment { executor.deployment }
  private var engine: DockerEngine { executor.engine }

  /// What can be told without the deployment's images.
  ///
  /// - Throws: `Refusal`.
  func check(_ watch: (StepEvent) -> Void) async throws {
    try await refusing {
      try await checkPrerequisites(watch)
      let names = deployment.blueprint.volumes.map { deployment.volumeName($0.name) }
      let volumes = try await engine.volumes(names)
      try checkOwners(of: volumes)
      try await checkRunning(volumes.keys.sorted())
      try await checkProject()
      try checkSeals(volumes)
    }
  }

  /// What the data in the volumes tell, which takes the deployment's images.
  ///
  /// - Throws: `Refusal`.
  func checkData() async throws {
    try await refusing {
      for format in deployment.blueprint.dataFormats.map(\.value) {
        let volume = deployment.volumeName(format.volume)
        guard let found = try await executor.dataFormat(format) else { continue }
        let expected = try deployment.words([format.expected])[0]
        guard found != expected else { continue }
        throw DioptraError(
          "the data in the volume \(volume) are of \(format.program) \(found), which \(format.program) \(expected) cannot use",
          remedy: "Go back with `dioptra config set \(format.variable)=\(found)`, then run `dioptra init` again")
      }
    }
  }

  private func refusing(_ check: () async throws -> Void) async throws {
    do {
      try await check()
    } catch let error as DioptraError {
      throw Refusal(error)
    }
  }

  private func checkPrerequisites(_ watch: (StepEvent) -> Void) async throws {
    let scene = CheckScene(folder: folder, deployment: deployment, now: .now)
    for check in deployment.configuration.components.flatMap(\.checks) where check.isGuard {
      let findings = try await check.findings(in: scene)
      for finding in findings where finding.level == .warning { watch(.warned(finding)) }
      guard let finding = findings.first(where: { $0.level == .error }) else { continue }
      throw DioptraError(finding.state, remedy: finding.remedy ?? "See `dioptra doctor`")
    }
  }

  /// Another deployment's data would be damaged. Volumes that only initialisation uses hold none.
  private func checkOwners(of volumes: [String: DockerEngine.VolumeFacts]) throws {
    let label = DockerEngine.deploymentLabel
    for volume in deployment.blueprint.volumes where volume.lifetime == .deployment {
      let name = deployment.volumeName(volume.name)
      guard let found = volumes[name] else { continue }
      if let claim = claims[name], claim.holds(for: found) { continue }
      let owner = found.labels?[label]
      guard owner != deployment.context.identity.deployment else { continue }
      let removal = owner.map { "docker volume ls --quiet --filter label=\(label)=\($0) | xargs docker volume rm" }
      throw DioptraError(
        "the volume \(name) belongs to \(owner.map { "the deployment \($0)" } ?? "something else"), and its data would be damaged",
        remedy: "Choose another project_slug for this one, or remove that data if nobody needs it: "
          + (removal ?? "docker volume rm \(name)"))
    }
  }

  /// Two database servers on one volume destroy its data.
  private func checkRunning(_ volumes: [String]) async throws {
    guard !volumes.isEmpty else { return }
    let users = try await engine.containers(all: false, volumes.map { "volume=\($0)" })
    guard let first = users.first else { return }
    let more = users.count > 1 ? " and \(users.count - 1) more" : ""
    let steps = plan.due.filter(\.touchesVolumes).map { "  \($0.step.title): \($0.reason?.description ?? "")" }
    throw DioptraError(
      "there is something to initialise, but the container \(first.names)\(more) runs on the deployment's volumes, "
        + "and two servers on one volume destroy its data:\n\(steps.joined(separator: "\n"))\n",
      remedy:
        first.home.map { DeploymentFolder.isSame($0, folder.path) } == true
        ? "Stop the deployment with `dioptra stop`, then run the command again"
        : "Stop that container with `docker stop \(first.names)`, then run the command again")
  }

  /// Compose tells projects apart by a name, which it makes of the folder's.
  private func checkProject() async throws {
    let project = try await executor.projectName()
    let others = try await engine.containers(all: true, ["label=com.docker.compose.project=\(project)"])
    for container in others {
      guard let home = container.home, !DeploymentFolder.isSame(home, folder.path) else { continue }
      throw DioptraError(
        "Compose has a project \(project) of another folder, \(home), and would mix it up with this one",
        remedy: "Remove that one's containers with `docker compose -p \(project) down`, or rename one of the folders")
    }
  }

  /// Data that were made with some values are of no use with others.
  private func checkSeals(_ volumes: [String: DockerEngine.VolumeFacts]) throws {
    for entry in plan.entries {
      for seal in entry.step.seals {
        let name = deployment.volumeName(seal.volume)
        guard let volume = volumes[name], let record = entry.record, record.volumes[name] == volume.mark,
          let before = record.inputs[seal.setting], before != entry.inputs.values[seal.setting]
        else { continue }
        throw DioptraError(
          "the data in the volume \(name) were made with another \(seal.setting) than .env has now",
          remedy: "Put the old value back (`dioptra drift` tells whether .env was edited), "
            + "or remove the volume if nobody needs its data: docker volume rm \(name)")
      }
    }
  }
}

extension InitPlan.Entry {
  /// Fetching images reaches into no volume.
  var touchesVolumes: Bool { step.action != .pull }
}
