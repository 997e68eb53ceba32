internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// Files that this deployment's steps of initialisation have built in a volume.
struct BuiltFilesSource {
  private let built: BuiltFiles
  private let deployment: Deployment
  private let state: State?
  private let engine: any Engine

  init(_ built: BuiltFiles, of deployment: Deployment, _ state: State?, on engine: any Engine) {
    self.built = built
    self.deployment = deployment
    self.state = state
    self.engine = engine
  }

  /// The files as a tar archive.
  ///
  /// - Parameter image: In which it is made.
  /// - Returns: nil if the steps have not built them, or would build others.
  func archive(_ image: String) async throws -> [UInt8]? {
    guard try await areBuilt() else { return nil }
    let mount = VolumeMount(deployment.volumeName(built.volume), at: "/files")
    let sandbox = Program.Sandbox(
      image: image, mounts: [mount], isRoot: true, deployment: deployment.context.identity.deployment)
    let program = Program(["tar", "--numeric-owner", "-C", "/files", "-cf", "-", "."], in: .alone(sandbox))
    var bytes: [UInt8] = []
    let outcome = try await engine.run(program) { bytes += $0 }
    guard outcome.succeeded else {
      throw DioptraError(
        .programFailed, "\(built.summary) cannot be read from the volume \(mount.volume): \(outcome.errors.lastLine)",
        remedy: .checkEngine)
    }
    return bytes
  }

  private func areBuilt() async throws -> Bool {
    guard let state else { return false }
    let records = try state.stepRecords()
    let own = built.steps.compactMap { id -> State.StepRecord? in
      guard let record = records[id], let step = deployment.blueprint.steps.first(where: { $0.id == id }),
        record.outcome == .succeeded, record.engine == engine.id,
        record.inputs[StepInputs.call] == deployment.callDigest(of: step.value)
      else { return nil }
      return record
    }
    guard own.count == built.steps.count else { return false }
    let name = deployment.volumeName(built.volume)
    guard let volume = try await engine.volumes([name])[name] else { return false }
    let instance = volume.instance(try state.claims(on: engine.id)[name])
    return own.allSatisfy { ($0.volumes[name] ?? instance) == instance }
  }
}
