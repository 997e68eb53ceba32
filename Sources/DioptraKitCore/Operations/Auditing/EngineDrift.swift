package import DioptraModel
package import DioptraPlatform
package import DioptraRendering
internal import DioptraState
package import DioptraSystem
internal import FoundationEssentials

/// How the engine differs from the deployment's files. Read-only: no volume is created, and inspected volumes are
/// mounted read-only.
package struct EngineDrift: Sendable {
  let deployment: Deployment
  let engine: any Engine
  let folder: ConfinedFolder
  let executor: any StepExecutor
  let secrets: SecretValues

  package init(
    of deployment: Deployment, in folder: ConfinedFolder, on engine: any Engine, hiding secrets: SecretValues
  ) {
    self.secrets = secrets
    self.deployment = deployment
    self.engine = engine
    self.folder = folder
    executor = engine.executor(for: deployment)
  }

  /// A difference on the engine.
  package struct Difference: Equatable, Sendable {
    /// What it is about: `service mlflow-tracking`, `volume dioptra-deployment_data: file`.
    package let subject: String
    package let component: ComponentID
    /// The difference, without a secret.
    package let state: String
    /// The command that fixes it.
    package let remedy: Remedy
  }

  /// All differences, services first.
  package func differences() async throws -> [Difference] {
    let services = try await serviceDifferences()
    let volumes = try await engine.volumes(deployment.blueprint.volumes.map { deployment.volumeName($0.name) })
    return try await services + ownerDifferences(volumes) + contentDifferences(volumes) + liveDifferences(volumes)
  }

  private func ownerDifferences(_ volumes: [String: VolumeFacts]) -> [Difference] {
    deployment.blueprint.volumes.compactMap { volume in
      let name = deployment.volumeName(volume.name)
      guard let found = volumes[name], volume.lifetime == .deployment,
        let owner = found.owner, owner != deployment.context.identity.deployment
      else { return nil }
      return Difference(
        subject: "volume \(name)", component: volume.owner, state: "belongs to the deployment \(owner)",
        remedy: .run("dioptra", "config", "set", "project_slug=…"))
    }
  }

  // MARK: Contents of volumes

  /// Compares what was put into volumes with what the folder has now.
  private func contentDifferences(_ volumes: [String: VolumeFacts]) async throws -> [Difference] {
    let wanted = try VolumeContents(of: deployment, in: folder).files.filter {
      volumes[deployment.volumeName($0.volume)] != nil
    }
    guard !wanted.isEmpty, deployment.initService(VolumeContents.reader) != nil else { return [] }
    let sandbox = try deployment.sandbox(
      seeing: Set(wanted.map(\.volume)).sorted().map { volume in
        VolumeMount(deployment.volumeName(volume), at: "/volumes/\(volume)")
      })
    guard try await engine.missing([sandbox.image]).isEmpty else { return [] }
    let found = try await engine.run(Program(["sha256sum"] + wanted.map(\.path), in: .alone(sandbox)), within: nil)
    guard found.hasRun else {
      throw DioptraError(.engineFailed, "the volumes cannot be read: \(found.errors.lastLine)", remedy: .checkEngine)
    }
    var digests: [Substring: Substring] = [:]
    for line in found.output.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1)
      if parts.count == 2 { digests[parts[1].drop { $0 == " " || $0 == "*" }] = parts[0] }
    }
    return wanted.compactMap { file in
      let digest = digests[file.path[...]]
      guard digest.map(String.init) != file.digest.hexadecimal else { return nil }
      return Difference(
        subject: "volume \(deployment.volumeName(file.volume)): \(file.name)", component: file.component,
        state: digest == nil ? "is missing" : "differs from \(file.source)",
        remedy: .rerunning("volumes.prepare"))
    }
  }

  // MARK: The running services

  private func liveDifferences(_ volumes: [String: VolumeFacts]) async throws -> [Difference] {
    let running = try await executor.runningServices()
    var differences: [Difference] = []
    for facts in deployment.blueprint.liveFacts {
      guard let answers = try await answer(to: facts.value.question, running, volumes) else { continue }
      for expected in try deployment.plainTexts(facts.expected) where !answers.contains(expected[...]) {
        differences.append(
          Difference(
            subject: expected, component: facts.owner, state: "is missing",
            remedy: facts.step.map { .rerunning($0) } ?? "See \(dioptra: "logs"), then restore it from a backup"))
      }
    }
    return differences
  }

  /// The lines of an answer; nil if nothing is running that could answer.
  private func answer(
    to question: LiveFacts.Question, _ running: [ServiceName: String], _ volumes: [String: VolumeFacts]
  ) async throws -> [Substring]? {
    switch question {
    case .execute(let service, let command):
      guard let container = running[service] else { return nil }
      let found = try await engine.run(Program(deployment.plainTexts(command), in: .container(container)), within: 30)
      return found.succeeded ? found.output.split(separator: "\n") : []
    case .run(let name, let arguments, let neighbour):
      guard running[neighbour] != nil, let service = deployment.initService(name) else { return nil }
      // A missing volume would be created.
      let needed = service.mounts.compactMap { mount in
        if case .volume(let volume) = mount.source { deployment.volumeName(volume) } else { nil }
      }
      guard needed.allSatisfy({ volumes[$0] != nil }) else { return nil }
      let found = try await executor.run(name, deployment.plainTexts(arguments), within: 60)
      return found.succeeded ? found.output.split(separator: "\n") : []
    }
  }
}

extension Remedy {
  /// Runs a step again, which takes a deployment that is stopped.
  fileprivate static func rerunning(_ step: StepID) -> Remedy {
    .run(inOrder: [["dioptra", "stop"], ["dioptra", "steps", "--run", step.rawValue], ["dioptra", "start"]])
  }
}
