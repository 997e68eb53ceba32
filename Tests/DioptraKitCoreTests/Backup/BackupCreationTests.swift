import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraPlatform
@testable import DioptraState
@testable import DioptraSystem

/// Backups with the services' data, on an engine that is not there.
struct BackupCreationTests {
  private static let data = ["dumps/box.dump: all of the box", "volumes/objects.tar: all of the objects"]

  // MARK: Order

  @Test func runningServicesAreReadInPlaceAndKeepRunning() async throws {
    let scene = try await DataScene(isRunning: true)
    _ = try await scene.back()
    #expect(try await scene.dataInBackup() == Self.data)
    #expect(
      scene.engine.log == ["dump in the running server", "tar on box_objects (read)", "check in the running server"])
    #expect(scene.engine.world.received == ["check": "all of the box"])
  }

  @Test func aStoppedServiceRunsForTheDurationOfTheBackup() async throws {
    let scene = try await DataScene()
    _ = try await scene.back()
    #expect(try await scene.dataInBackup() == Self.data)
    #expect(
      scene.engine.log == [
        "begin server.start", "end server.start", "dump in the started server", "tar on box_objects (read)",
        "check in the started server", "clean up",
      ])
    #expect(scene.engine.world.started.isEmpty)
  }

  @Test func allChecksRunBeforeAnyServiceStarts() async throws {
    let scene = try await DataScene()
    _ = try await scene.back()
    #expect(
      scene.engine.world.calls == [
        "find the engine", "volumes box_data box_objects", "containers", "project", "containers", "size of the volumes",
        "volumes box_data box_objects", "running services", "volumes box_data", "containers", "perform server.start",
        "container of server", "dump in the started server", "tar on box_objects (read)", "check in the started server",
        "clean up",
      ])
  }

  @Test func theVolumeIsReadByAProgramThatSeesNothingElse() async throws {
    let scene = try await DataScene()
    _ = try await scene.back()
    let deployment = try ConfinedFolder(path: scene.lab).recordedState().deployment
    let sandbox = Program.Sandbox(
      image: "tool:1", mounts: [VolumeMount("box_objects", at: "/data", isReadOnly: true)], isRoot: true,
      deployment: deployment)
    let arguments = ["tar", "--exclude=./tmp", "--numeric-owner", "-C", "/data", "-cf", "-", "."]
    #expect(scene.engine.world.programs.contains(Program(arguments, in: .alone(sandbox))))
  }

  @Test func whatIsWrittenIsRecorded() async throws {
    let scene = try await DataScene()
    let result = try await scene.back()
    let recorded = try #require(try ConfinedFolder(path: scene.lab).recordedState().newestBackup())
    #expect(recorded.path == scene.backup && recorded.digest == result.digest.hexadecimal)
    #expect(recorded.bytes == result.bytes && !recorded.isEncrypted && result.isRecorded)
    #expect(try scene.outcome() == .succeeded)
    #expect(try scene.backups() == ["lab.dioptra-backup"])
  }

  @Test func theEngineIsNotUsedWithoutData() async throws {
    let scene = try await DataScene()
    _ = try await scene.back(withoutData: true)
    #expect(scene.engine.world.calls.isEmpty)
    #expect(try await scene.dataInBackup().isEmpty)
    #expect(try ConfinedFolder(path: scene.lab).recordedState().newestBackup() == nil)
  }

  // MARK: What goes wrong

  /// Nothing is left behind: no file, no entry, no started service; and what ran runs.
  private func expectNothing(_ scene: DataScene, isRunning: Bool, _ comment: Comment) throws {
    #expect(try scene.backups().isEmpty, comment)
    #expect(try ConfinedFolder(path: scene.lab).recordedState().newestBackup() == nil, comment)
    #expect(scene.engine.world.started.isEmpty, comment)
    #expect(scene.engine.world.running.isEmpty != isRunning, comment)
    #expect(!scene.engine.log.contains { $0.hasPrefix("down") || $0.hasPrefix("up") }, comment)
  }

  @Test(arguments: [false, true]) func aFailedCallIsReportedAndLeavesNothingBehind(isRunning: Bool) async throws {
    let scene = try await DataScene(isRunning: isRunning)
    for number in 1...30 {
      let runs = try scene.runs()
      let (result, call) = await scene.run(with: .failure, at: number) { try await scene.back() }
      guard let call else {
        _ = try result.get()
        #expect(number == (isRunning ? 12 : 17))
        return
      }
      let error = #expect(throws: DioptraError.self) { _ = try result.get() }
      #expect(error?.problem.hasSuffix("no answer to: \(call)") == true, "\(number): \(error?.problem ?? "")")
      #expect(error?.remedies.isEmpty == false, "\(call)")
      try expectNothing(scene, isRunning: isRunning, "\(number): \(call)")
      #expect(try scene.outcome() == .failed, "\(number): \(call)")
      #expect(try scene.runs() == runs + 1)
    }
    Issue.record("there is no end of calls")
  }

  @Test(arguments: [FakeEngine.Trouble.cancellation, .lateCancellation], [false, true])
  func cancellationAtAnyPointLeavesNothingBehind(trouble: FakeEngine.Trouble, isRunning: Bool) async throws {
    for number in 1...30 {
      let scene = try await DataScene(isRunning: isRunning)
      let (result, call) = await scene.run(with: trouble, at: number) { try await scene.back() }
      guard let call else {
        _ = try result.get()
        #expect(number == (isRunning ? 12 : 17))
        return
      }
      #expect(throws: CancellationError.self, "\(number): \(call)") { _ = try result.get() }
      try expectNothing(scene, isRunning: isRunning, "\(number): \(call)")
      // From the copy of State on there is a run, which has no end.
      #expect(try scene.outcome() == (number > 6 ? .interrupted : .succeeded), "\(number): \(call)")
      _ = try await scene.back()
      #expect(try await scene.dataInBackup() == Self.data, "\(number): \(call)")
    }
    Issue.record("there is no end of calls")
  }

  @Test(arguments: [
    ("dump", "the box cannot be dumped: it is broken"),
    ("tar", "the objects cannot be read from the volume box_objects: it is broken"),
    ("check", "the dump of the box cannot be read back: it is broken"),
  ])
  func aFailedProgramIsReportedWithItsLastLine(program: String, problem: String) async throws {
    let scene = try await DataScene()
    scene.engine.change {
      $0.answers[program]?.outcome = ProgramOutcome(status: 2, errors: "it begins\nit is broken.\n")
    }
    let error = await #expect(throws: DioptraError.self) { _ = try await scene.back() }
    #expect(error?.problem == problem)
    #expect(scene.engine.log.last == "clean up")
    try expectNothing(scene, isRunning: false, "\(program)")
    #expect(try scene.outcome() == .failed)
  }

  @Test func secretsInAProgramsOutputAreMasked() async throws {
    let scene = try await DataScene()
    let secret = try ConfinedFolder(path: scene.lab).recordedState().secretValues().value(
      of: SecretReference(name: "key", version: SecretReference.firstVersion))
    scene.engine.change { $0.answers["dump"]?.outcome = ProgramOutcome(status: 1, errors: "\(secret) is wrong") }
    let error = await #expect(throws: DioptraError.self) { _ = try await scene.back() }
    #expect(error?.problem.hasSuffix(" is wrong") == true && error?.problem.contains(secret) == false)
  }

  @Test func aServiceThatEndsRightAfterItsStartIsNamed() async throws {
    let scene = try await DataScene()
    let engine = scene.engine
    engine.change { $0.scripts["server.start"] = { _ in engine.change { $0.started = [:] } } }
    let error = await #expect(throws: DioptraError.self) { _ = try await scene.back() }
    #expect(error?.problem == "the container of server is gone")
    try expectNothing(scene, isRunning: false, "")
  }

  @Test(arguments: [
    ("tar: ./a: file changed as we read it\n", true), ("tar: ./a: File removed before we read it\n", true),
    ("tar: ./a: Cannot open: Permission denied\n", false),
  ])
  func filesThatComeAndGoDoNoHarmAndOthersAreReadThreeTimes(errors: String, isGood: Bool) async throws {
    let scene = try await DataScene()
    scene.engine.change { $0.answers["tar"]?.outcome = ProgramOutcome(status: 1, errors: errors) }
    do {
      _ = try await scene.back()
      #expect(isGood)
      #expect(try await scene.dataInBackup() == Self.data)
    } catch let error as DioptraError {
      #expect(!isGood && error.problem == "the objects changed each of the 3 times that they were read", "\(error)")
      try expectNothing(scene, isRunning: false, "")
    }
    #expect(scene.engine.log.count { $0.hasPrefix("tar") } == (isGood ? 1 : 3))
  }

  @Test func aConfigurationThatChangesDuringTheBackupFailsIt() async throws {
    let scene = try await DataScene()
    scene.engine.change {
      // When the engine is asked, the configuration has been read, and the folder has not been copied.
      $0.trouble = (.lateCancellation, 2)
      $0.cancel = { [scratch = scene.scratch] in try? scratch.write("# another\n", to: "lab/dioptra.yaml") }
    }
    let error = await #expect(throws: DioptraError.self) { _ = try await scene.back() }
    #expect(error?.problem == "dioptra.yaml was changed while the backup was made")
    try expectNothing(scene, isRunning: false, "")
  }

  // MARK: Refusals

  private func refusal(of scene: DataScene, isRunning: Bool = false) async throws -> DioptraError? {
    let error = await #expect(throws: DioptraError.self) { _ = try await scene.back() }
    #expect(!scene.engine.log.contains { $0.hasPrefix("begin") || $0.hasPrefix("tar") }, "\(scene.engine.log)")
    try expectNothing(scene, isRunning: isRunning, "")
    #expect(try scene.outcome() == .stopped)
    return error
  }

  @Test(arguments: [false, true]) func noDataAreReadWhileAForeignContainerUsesTheVolumes(isRunning: Bool) async throws {
    let scene = try await DataScene(isRunning: isRunning)
    scene.engine.change { $0.boxes = [.init("stranger", workingDirectory: "/elsewhere", on: ["box_data"])] }
    let error = try await refusal(of: scene, isRunning: isRunning)
    #expect(
      error?.problem.hasPrefix("the container stranger of the folder /elsewhere runs on the deployment's") == true)
    #expect(error?.commands.contains(scene.engine.command(.stopContainer("stranger"))) == true)
  }

  @Test func noServiceIsStartedWhileAContainerReadsItsVolumes() async throws {
    let scene = try await DataScene()
    scene.engine.change { $0.boxes = [.init("reader", on: ["box_data"], writing: false)] }
    let error = try await refusal(of: scene)
    #expect(error?.problem.contains("the container reader runs on its volumes") == true)
    #expect(error?.commands == [scene.engine.command(.stopContainer("reader"))])
  }

  @Test func aDeploymentThatNeedsAnUpgradeIsNotStarted() async throws {
    let scene = try await DataScene()
    let error = await #expect(throws: DioptraError.self) { _ = try await scene.back(templateVersion: 2) }
    #expect(error?.problem.hasPrefix("server has to run for its data to be read") == true)
    #expect(scene.engine.log.isEmpty)
    try expectNothing(scene, isRunning: false, "")
    #expect(try scene.outcome() == .stopped)
    scene.engine.change { $0.running = ["server": "the running server"] }
    _ = try await scene.back(templateVersion: 2)
    #expect(try await scene.dataInBackup() == Self.data)
  }

  @Test func nothingIsWrittenIfTheVolumesExceedTheFreeSpace() async throws {
    let scene = try await DataScene()
    scene.engine.change { $0.volumeBytes = 1 << 60 }
    let error = await #expect(throws: DioptraError.self) { _ = try await scene.back() }
    #expect(error?.code == .spaceInsufficient)
    #expect(error?.problem.hasPrefix("\(scene.scratch.file("backups")) has ") == true)
    #expect(scene.engine.log.isEmpty)
    try expectNothing(scene, isRunning: false, "")
  }

  @Test(arguments: ["box_data", "box_objects"]) func aMissingVolumeIsNotCreated(name: String) async throws {
    let scene = try await DataScene()
    scene.engine.change { $0.volumes[name] = nil }
    #expect(try await refusal(of: scene)?.problem == "the volume \(name) does not exist")
  }
}
