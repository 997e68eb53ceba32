internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// The data of a deployment on its engine, running or stopped.
struct DeploymentData {
  let executor: any StepExecutor
  let folder: ConfinedFolder
  let secrets: SecretValues
  /// Whether services of initialisation may be started: the reference template's are not dioptra's.
  var mayStart = true

  private var deployment: Deployment { executor.deployment }
  private var engine: any Engine { executor.engine }

  /// The data of all components, dumps first, so that files that they refer to are in the later copies of volumes.
  var all: [BackupData] {
    let data = deployment.blueprint.backupData.map(\.value)
    return data.filter(\.isDump) + data.filter { !$0.isDump }
  }

  // MARK: Services

  /// Runs a body while the services to be dumped are running: those of the running deployment, or else those of
  /// initialisation, which are stopped afterwards.
  ///
  /// - Parameter body: Receives the services' containers.
  /// - Throws: `Refusal` if that would damage data; nothing has been changed then.
  func withServices<Result>(
    onlyStarted: Bool = false, _ body: ([ServiceName: String]) async throws -> sending Result
  ) async throws -> sending Result {
    let names = Set(all.compactMap(\.dump?.service)).sorted()
    var containers = onlyStarted ? [:] : try await executor.runningServices()
    let stopped = names.filter { containers[$0] == nil }
    if let name = stopped.first, !mayStart {
      throw Refusal(
        DioptraError(
          .serviceUnavailable,
          "\(name) has to run for its data to be read, and dioptra does not start it before `dioptra upgrade`",
          remedy: .start))
    }
    for name in stopped { try await checkVolumes(of: name) }
    do {
      for name in stopped { containers[name] = try await start(name) }
      let result = try await body(containers)
      if !stopped.isEmpty { try await executor.cleanUp() }
      return result
    } catch {
      // Even if this task has been cancelled.
      let executor = executor
      try? await Task { try await executor.cleanUp() }.value
      throw error
    }
  }

  private func start(_ name: ServiceName) async throws -> String {
    let step = deployment.blueprint.steps.first { step in
      if case .start(name, _) = step.action { true } else { false }
    }
    guard let step else {
      throw DioptraError(.serviceUnavailable, "no step of initialisation starts \(name)", remedy: .start)
    }
    do {
      try await executor.perform(step.value) { _ in }
    } catch let failure as ExecutionFailure {
      throw DioptraError(
        .serviceUnavailable, "\(name) cannot be started to read its data: \(failure.cause)",
        remedy: "See whether \(dioptra: "start") brings it up, and \(dioptra: "logs", name.rawValue)")
    }
    guard let container = try await executor.container(of: name) else {
      throw DioptraError(.serviceUnavailable, "the container of \(name) is gone", remedy: "Run the command again")
    }
    return container
  }

  /// Two database servers on one volume destroy its data, and a missing volume would be created.
  private func checkVolumes(of name: ServiceName) async throws {
    let mounts = deployment.initService(name)?.mounts ?? []
    let volumes = mounts.compactMap { mount in
      if case .volume(let volume) = mount.source { deployment.volumeName(volume) } else { nil }
    }
    try await checkExistence(of: volumes)
    guard let user = try await user(of: volumes) else { return }
    throw Refusal(
      DioptraError(
        .volumeInUse,
        "\(name) has to be started to read its data, but the container \(user) runs on its volumes, "
          + "and two servers on one volume destroy its data",
        remedy: "Stop that container with \(run: engine.command(.stopContainer(user))), then try again"))
  }

  func checkExistence(of volumes: [String]) async throws {
    let found = try await engine.volumes(volumes)
    guard let missing = volumes.first(where: { found[$0] == nil }) else { return }
    throw Refusal(
      DioptraError(
        .volumeUnsuitable, "the volume \(missing) does not exist", remedy: "Run \(dioptra: "init")",
        "Leave the data out with --without-data"))
  }

  /// A running container that uses one of some volumes.
  func user(of volumes: [String]) async throws -> String? {
    guard !volumes.isEmpty else { return nil }
    return try await engine.containers(.onVolumes(volumes), running: true).first?.names
  }

  // MARK: Dumps

  func write(_ dump: ServiceDump, in container: String, eachPiece: ([UInt8]) throws -> Void) async throws {
    let program = Program(try deployment.plainTexts(dump.write), in: .container(container))
    let outcome = try await engine.run(program, writing: eachPiece)
    try expectSuccess(
      outcome, "\(dump.summary) cannot be dumped", remedy: "See \(dioptra: "logs", dump.service.rawValue)")
  }

  func check(_ dump: ServiceDump, in container: String, _ content: BackupMemberReader) async throws {
    let program = Program(try deployment.plainTexts(dump.check), in: .container(container))
    let outcome = try await engine.run(program, reading: content.next)
    try expectSuccess(
      outcome, "the dump of \(dump.summary) cannot be read back",
      remedy: "Check the disk and \(dioptra: "logs", dump.service.rawValue), then run the command again")
  }

  func restore(_ dump: ServiceDump, in container: String, _ content: BackupMemberReader) async throws {
    let program = Program(try deployment.plainTexts(dump.restore), in: .container(container))
    let outcome = try await engine.run(program, reading: content.next)
    try expectSuccess(
      outcome, "\(dump.summary) cannot be restored", remedy: "Fix the cause, then run \(dioptra: "restore") again")
  }

  // MARK: Volumes

  /// Reads a volume as a tar archive.
  ///
  /// - Returns: Whether the copy is valid; if not, something changed meanwhile.
  func write(_ copy: VolumeCopy, eachPiece: ([UInt8]) throws -> Void) async throws -> Bool {
    let arguments = copy.leftOut.map { "--exclude=./\($0)" } + ["--numeric-owner", "-C", "/data", "-cf", "-", "."]
    let outcome = try await engine.run(program(["tar"] + arguments, on: copy), writing: eachPiece)
    // Status 1 of GNU tar: the archive is complete, but something changed while it was read.
    guard outcome.status != 1 else { return copy.isReadableWhileItChanges && outcome.errors.onlyTellsOfReplacedFiles }
    try expectSuccess(
      outcome, "\(copy.summary) cannot be read from the volume \(deployment.volumeName(copy.volume))",
      remedy: .checkEngine)
    return true
  }

  /// Replaces everything in a volume with the content of a tar archive.
  func restore(_ copy: VolumeCopy, _ content: BackupMemberReader) async throws {
    let script = "find /data -mindepth 1 -delete && exec tar --numeric-owner -C /data -xpf -"
    let outcome = try await engine.run(
      program(["bash", "-c", script], on: copy, isReadOnly: false), reading: content.next)
    try expectSuccess(
      outcome, "\(copy.summary) cannot be written into the volume \(deployment.volumeName(copy.volume))",
      remedy: "Check the free space of the engine's disk, then run \(dioptra: "restore") again")
  }

  /// A program that sees only one volume.
  private func program(_ arguments: [String], on copy: VolumeCopy, isReadOnly: Bool = true) throws -> Program {
    let mount = VolumeMount(deployment.volumeName(copy.volume), at: "/data", isReadOnly: isReadOnly)
    return Program(arguments, in: .alone(try deployment.sandbox(seeing: [mount])))
  }

  private func expectSuccess(_ outcome: ProgramOutcome, _ problem: String, remedy: Remedy) throws {
    guard !outcome.succeeded else { return }
    let cause = SecretMask(secrets).masked(outcome.errors.lastLine.withoutTerminalCodes)
    throw DioptraError(.programFailed, "\(problem): \(cause.trimmingSuffix(while: ".".contains))", remedy: remedy)
  }
}

extension String {
  /// Whether GNU tar only complains about files that changed while it read.
  fileprivate var onlyTellsOfReplacedFiles: Bool {
    let harmless = ["file changed as we read it", "File removed before we read it"]
    return split(whereSeparator: \.isNewline).filter { $0.hasPrefix("tar: ") }
      .allSatisfy { line in harmless.contains { line.hasSuffix($0) } }
  }
}
