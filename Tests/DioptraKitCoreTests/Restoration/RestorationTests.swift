import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraPlatform
@testable import DioptraState
@testable import DioptraSystem

/// Restorations with the services' data, on an engine that is not there.
struct RestorationTests {
  /// Where a restoration goes: a new folder on an engine without volumes, or the deployment that there is.
  enum Target: CaseIterable {
    case newHost
    case onlyData

    fileprivate func scene() async throws -> DataScene {
      let scene = try await DataScene()
      _ = try await scene.back()
      scene.engine.change { world in
        if self == .newHost { world.volumes = [:] }
        (world.log, world.calls, world.received) = ([], [], [:])
      }
      return scene
    }

    fileprivate func path(in scene: DataScene) -> String { self == .newHost ? scene.other : scene.lab }

    fileprivate func restore(_ scene: DataScene) async throws {
      try await scene.restore(in: path(in: scene), onlyData: self == .onlyData)
    }
  }

  private func expectWhole(_ scene: DataScene, at path: String, _ comment: Comment = "") throws {
    let folder = try ConfinedFolder(path: path)
    #expect(try folder.read("box.conf") == Array("a box\n".utf8), comment)
    #expect(scene.engine.world.received == ["restore": "all of the box", "bash": "all of the objects"], comment)
    #expect(scene.engine.world.started.isEmpty, comment)
    #expect(try UnfinishedRestoration.found(in: folder) == nil, comment)
    #expect(try scene.outcome(in: path) == .succeeded, comment)
  }

  // MARK: Order

  @Test func onANewHostTheDeploymentIsInitialisedAndThenGetsItsData() async throws {
    let scene = try await Target.newHost.scene()
    try await Target.newHost.restore(scene)
    #expect(
      scene.engine.log == [
        "clean up", "make ready", "begin server.start", "end server.start", "begin fill", "end fill", "begin stop",
        "end stop", "begin server.start", "end server.start", "restore in the started server", "clean up",
        "bash on box_objects",
      ])
    try expectWhole(scene, at: scene.other)
  }

  @Test func restoringOnlyDataTouchesNothingElse() async throws {
    let scene = try await Target.onlyData.scene()
    try scene.scratch.write("edited\n", to: "lab/box.conf")
    try await Target.onlyData.restore(scene)
    #expect(
      scene.engine.log == [
        "clean up", "begin server.start", "end server.start", "restore in the started server", "clean up",
        "bash on box_objects",
      ])
    #expect(try scene.scratch.read("lab/box.conf") == "edited\n")
    #expect(scene.engine.world.received == ["restore": "all of the box", "bash": "all of the objects"])
  }

  // MARK: What goes wrong

  /// Runs a restoration with trouble at each of its calls in turn, and then the same command without.
  private func resume(_ target: Target, after trouble: FakeEngine.Trouble, calls: Int) async throws {
    for number in 1...60 {
      let scene = try await target.scene()
      let path = target.path(in: scene)
      let (result, name) = await scene.run(with: trouble, at: number) { try await target.restore(scene) }
      guard let name else {
        try result.get()
        #expect(number == calls + 1)
        return
      }
      let call: Comment = "\(number): \(name)"
      #expect(scene.engine.world.started.isEmpty, call)
      switch (result, trouble) {
      case (.success, .lateCancellation):
        // Only when all is done there is nothing left to cancel.
        #expect(number == calls, call)
        try expectWhole(scene, at: path, call)
      case (.failure(let error as DioptraError), .failure):
        #expect(error.problem.contains("no answer to: \(name)"), "\(number): \(error.problem)")
        #expect(!error.remedies.isEmpty, call)
        try expectUnfinished(scene, target, [.failed, .stopped], call)
      case (.failure(is CancellationError), .cancellation), (.failure(is CancellationError), .lateCancellation):
        try expectUnfinished(scene, target, [.interrupted], isLate: trouble == .lateCancellation, call)
      case (let result, _): Issue.record("\(number), \(name): \(result)")
      }
      scene.engine.change { $0.received = [:] }
      try await target.restore(scene)
      try expectWhole(scene, at: path, call)
    }
    Issue.record("there is no end of calls")
  }

  /// Before anything is written there is nothing; after that nothing but the same command is let through.
  private func expectUnfinished(
    _ scene: DataScene, _ target: Target, _ outcomes: [HistoryRun.Outcome], isLate: Bool = false, _ call: Comment
  ) throws {
    let path = target.path(in: scene)
    // The calls before the folder is written; a cancellation that comes late is only seen after that.
    let calls = scene.engine.world.calls.count - (target == .newHost ? 2 : 3)
    guard calls > 0 || calls == 0 && isLate else {
      #expect(target == .onlyData || !DeploymentFolder.isFolder(path), call)
      if target == .onlyData { #expect(try UnfinishedRestoration.found(in: ConfinedFolder(path: path)) == nil, call) }
      return
    }
    let folder = try ConfinedFolder(path: path)
    let error = #expect(throws: DioptraError.self, call) { try folder.refuseUnfinishedRestoration() }
    let options = target == .onlyData ? ["--only-data"] : []
    #expect(error?.commands == [["dioptra", "restore", scene.backup, path] + options], call)
    // Such a cancellation comes before there is a run.
    if calls > 0 { #expect(try scene.outcome(in: path).map(outcomes.contains) == true, call) }
  }

  @Test(arguments: FakeEngine.Trouble.allCases)
  func onANewHostTheSameCommandCompletesItAfterAnyFailure(trouble: FakeEngine.Trouble) async throws {
    try await resume(.newHost, after: trouble, calls: 26)
  }

  @Test(arguments: FakeEngine.Trouble.allCases)
  func withOnlyDataTheSameCommandCompletesItAfterAnyFailure(trouble: FakeEngine.Trouble) async throws {
    try await resume(.onlyData, after: trouble, calls: 15)
  }

  @Test(
    arguments: [
      ("restore", "the box cannot be restored: it is broken"),
      ("bash", "the objects cannot be written into the volume box_objects: it is broken"),
    ], Target.allCases)
  func aProgramThatFailsIsNamedAndTheSameCommandCompletesIt(
    program: (word: String, problem: String), target: Target
  ) async throws {
    let scene = try await target.scene()
    scene.engine.change { $0.answers[program.word]?.outcome = ProgramOutcome(status: 1, errors: "it is broken.\n") }
    let error = await #expect(throws: DioptraError.self) { try await target.restore(scene) }
    #expect(error?.problem == program.problem)
    #expect(scene.engine.world.started.isEmpty)
    #expect(try scene.outcome(in: target.path(in: scene)) == .failed)
    try expectUnfinished(scene, target, [.failed], "")
    scene.engine.change {
      $0.answers[program.word] = .init()
      $0.received = [:]
    }
    try await target.restore(scene)
    try expectWhole(scene, at: target.path(in: scene))
  }

  @Test func anotherRestorationDoesNotCountAsTheInterruptedOne() async throws {
    let scene = try await Target.newHost.scene()
    scene.engine.change { $0.answers["restore"]?.outcome = ProgramOutcome(status: 1) }
    await #expect(throws: DioptraError.self) { try await Target.newHost.restore(scene) }
    let error = await #expect(throws: DioptraError.self) { try await scene.restore(in: scene.other, onlyData: true) }
    #expect(error?.code == .commandUnfinished)
  }

  // MARK: Refusals

  @Test(arguments: [true, false]) func aForeignContainerOnTheVolumesMustBeStopped(isWriting: Bool) async throws {
    let scene = try await Target.onlyData.scene()
    let stranger = FakeEngine.Box("stranger", workingDirectory: "/elsewhere", on: ["box_data"], writing: isWriting)
    scene.engine.change { $0.boxes = [stranger] }
    let runs = try scene.runs()
    let error = await #expect(throws: DioptraError.self) { try await scene.restore(in: scene.other) }
    #expect(error?.problem == "the container stranger runs on the deployment's volumes, whose data would be replaced")
    #expect(error?.commands == [scene.engine.command(.stopContainer("stranger"))])
    #expect(scene.engine.log.isEmpty && !DeploymentFolder.isFolder(scene.other))
    #expect(try scene.runs() == runs)
  }

  @Test func theDeploymentItselfIsToBeStopped() async throws {
    let scene = try await Target.onlyData.scene()
    scene.engine.change {
      $0.boxes = [.init("server", service: "box-server", workingDirectory: scene.lab, project: "box", on: ["box_data"])]
    }
    let error = await #expect(throws: DioptraError.self) { try await Target.onlyData.restore(scene) }
    #expect(error?.remedy == "Stop the deployment with `dioptra stop`, then try again")
    #expect(scene.engine.log.isEmpty)
    #expect(try UnfinishedRestoration.found(in: ConfinedFolder(path: scene.lab)) == nil)
  }

  @Test func noDataAreReplacedIfAForeignContainerAppearsMeanwhile() async throws {
    let scene = try await Target.newHost.scene()
    let engine = scene.engine
    engine.change { world in
      world.scripts["stop"] = { _ in
        engine.change { $0.boxes = [.init("stranger", workingDirectory: "/elsewhere", on: ["box_objects"])] }
      }
    }
    let error = await #expect(throws: DioptraError.self) { try await Target.newHost.restore(scene) }
    #expect(error?.problem == "the container stranger runs on the deployment's volumes, whose data would be replaced")
    #expect(engine.world.received.isEmpty && engine.log.last == "end stop")
    try expectUnfinished(scene, .newHost, [.stopped], "")
    engine.change {
      $0.boxes = []
      $0.scripts = [:]
    }
    try await Target.newHost.restore(scene)
    try expectWhole(scene, at: scene.other)
  }

  @Test func volumesOfAnotherDeploymentAreLeftAlone() async throws {
    let scene = try await Target.newHost.scene()
    scene.engine.change {
      $0.volumes["box_data"] = VolumeFacts(name: "box_data", owner: "another", ownInstance: "mark", createdAt: nil)
    }
    let error = await #expect(throws: DioptraError.self) { try await Target.newHost.restore(scene) }
    #expect(error?.problem == "the volume box_data belongs to the deployment another, and its data would be damaged")
    #expect(error?.commands == [scene.engine.command(.removeVolumes(ofDeployment: "another"))])
    #expect(scene.engine.log.isEmpty && !DeploymentFolder.isFolder(scene.other))
  }

  @Test func volumesAreNotOverwrittenWithoutPermission() async throws {
    let scene = try await Target.onlyData.scene()
    let error = await #expect(throws: DioptraError.self) {
      try await scene.restore(in: scene.lab, onlyData: true, overwriting: false)
    }
    #expect(error?.code == .overwriteRefused)
    #expect(scene.engine.log.isEmpty)
  }
}
