internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// Further guards, besides `EngineGuards`, for steps that touch the deployment's volumes. Nothing has been changed when
/// one fails.
struct InitGuards {
  let executor: any StepExecutor
  let common: EngineGuards
  let plan: InitPlan

  private var deployment: Deployment { executor.deployment }
  private var engine: any Engine { executor.engine }
  private var folder: ConfinedFolder { common.folder }

  /// The checks that do not need the deployment's images.
  ///
  /// - Throws: `Refusal`.
  func check(_ watch: (StepEvent) -> Void) async throws {
    try await common.refusing {
      try await checkPrerequisites(watch)
      let volumes = try await common.volumes()
      try common.checkOwners(of: volumes)
      try await checkRunning(volumes.keys.sorted())
      try await common.checkProject()
      try checkSeals(volumes)
    }
  }

  /// The images that `checkData` needs: those for the formats of volumes that exist.
  func imagesOfData() async throws -> Set<String> {
    let formats = deployment.blueprint.dataFormats.map(\.value)
    let volumes = try await engine.volumes(formats.map { deployment.volumeName($0.volume) })
    return Set(
      try deployment.plainTexts(formats.filter { volumes[deployment.volumeName($0.volume)] != nil }.map(\.image)))
  }

  /// The checks of the data in the volumes, which need `imagesOfData`.
  ///
  /// - Throws: `Refusal`.
  func checkData() async throws {
    try await common.refusing {
      for format in deployment.blueprint.dataFormats.map(\.value) {
        let volume = deployment.volumeName(format.volume)
        let image = try deployment.plainTexts([format.image])[0]
        guard let found = try await engine.dataFormat(format, of: deployment, image: image) else { continue }
        let expected = try deployment.plainTexts([format.expected])[0]
        guard found != expected else { continue }
        throw DioptraError(
          .dataIncompatible,
          "the data in the volume \(volume) are of \(format.program) \(found), which \(format.program) \(expected) cannot use",
          remedy:
            "Go back with \(dioptra: "config", "set", "\(format.variable)=\(found)"), then run \(dioptra: "init") again"
        )
      }
    }
  }

  private func checkPrerequisites(_ watch: (StepEvent) -> Void) async throws {
    let context = CheckContext(folder: folder, deployment: deployment, now: .now)
    for check in deployment.configuration.components.flatMap(\.checks) where check.isGuard {
      let findings = try await check.findings(in: context)
      for finding in findings where finding.level == .warning { watch(.warned(finding)) }
      guard let finding = findings.first(where: { $0.level == .error }) else { continue }
      throw DioptraError(.checkFailed, finding.state, remedy: finding.remedy ?? "See \(dioptra: "doctor")")
    }
  }

  /// Two database servers on one volume destroy its data.
  private func checkRunning(_ volumes: [String]) async throws {
    guard !volumes.isEmpty else { return }
    let users = try await engine.containers(.onVolumes(volumes), running: true)
    guard let first = users.first else { return }
    let more = users.count > 1 ? " and \(users.count - 1) more" : ""
    let steps = plan.due.filter(\.touchesVolumes).map { "  \($0.step.title): \($0.reason?.description ?? "")" }
    throw DioptraError(
      .volumeInUse,
      "there is something to initialise, but the container \(first.names)\(more) runs on the deployment's volumes, "
        + "and two servers on one volume destroy its data:\n\(steps.joined(separator: "\n"))\n",
      remedy: common.isOwn(first)
        ? "Stop the deployment with \(dioptra: "stop"), then run the command again"
        : "Stop that container with \(run: engine.command(.stopContainer(first.names))), then run the command again")
  }

  /// Data that were created with some values are unusable with others.
  private func checkSeals(_ volumes: [String: VolumeFacts]) throws {
    for entry in plan.entries {
      for binding in entry.step.volumeBindings {
        let name = deployment.volumeName(binding.volume)
        guard let volume = volumes[name], let record = entry.record, record.volumes[name] == volume.instance,
          let before = record.inputs[binding.setting], before != entry.inputs.values[binding.setting]
        else { continue }
        throw DioptraError(
          .dataIncompatible,
          "the data in the volume \(name) were made with another \(binding.setting) than .env has now",
          remedy: "Put the old value back into \(edit: Setting.file) (\(dioptra: "drift") tells whether it was edited)",
          "If the data are no longer needed, remove the volume with \(run: engine.command(.removeVolume(name)))")
      }
    }
  }
}

extension InitPlan.Entry {
  var touchesVolumes: Bool { !step.action.isFetch }
}
