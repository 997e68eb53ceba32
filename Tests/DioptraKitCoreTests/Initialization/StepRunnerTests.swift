import Synchronization
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraPlatform
@testable import DioptraState
@testable import DioptraSystem

/// The order in which steps run, and what becomes of them, on an engine that is not there.
struct StepRunnerTests {
  /// Two that need nothing, one that needs both, one that needs the first.
  private static let steps: [Step] = [
    .simple("a"), .simple("b"), .simple("both", after: ["a", "b"]), .simple("after-a", after: ["a"]),
  ]

  @Test func stepsThatNeedNothingOfEachOtherRunAtOnceAndOthersAfterWhatTheyNeed() async throws {
    let scene = try FakeDeployment(Self.steps)
    let engine = scene.engine
    engine.change {
      $0.scripts["a"] = { _ in try await engine.wait(for: "begin b") }
      $0.scripts["b"] = { _ in try await engine.wait(for: "begin a") }
    }
    try await scene.initialize()
    let log = engine.log
    func place(_ event: String) throws -> Int { try #require(log.firstIndex(of: event)) }
    #expect(try place("begin both") > max(place("end a"), place("end b")))
    #expect(try place("begin after-a") > place("end a"))
    #expect(log.count { $0.hasPrefix("begin ") } == 4)
    #expect(try scene.outcomes() == ["a": "succeeded", "b": "succeeded", "both": "succeeded", "after-a": "succeeded"])
  }

  @Test func aStepDoesNotWaitForOthersThatItDoesNotNeed() async throws {
    let scene = try FakeDeployment(Self.steps)
    let engine = scene.engine
    engine.change { $0.scripts["b"] = { _ in try await engine.wait(for: "end after-a") } }
    try await scene.initialize()
    #expect(engine.log.contains("end both"))
  }

  @Test func aStepThatFailsStopsWhatNeedsItAndNothingElse() async throws {
    let scene = try FakeDeployment(Self.steps + [.simple("after-both", after: ["both"])])
    scene.engine.change { $0.scripts["b"] = { _ in throw ExecutionFailure(cause: "it ended with status 3") } }
    let error = await #expect(throws: DioptraError.self) { try await scene.initialize() }
    #expect(error?.problem == "the step b failed: it ended with status 3")
    #expect(try scene.outcomes() == ["a": "succeeded", "b": "failed", "after-a": "succeeded"])
    #expect(scene.engine.log.last == "clean up")
  }

  @Test func allThatFailedAreCounted() async throws {
    let scene = try FakeDeployment(Self.steps)
    scene.engine.change {
      for id in ["a", "b"] as [StepID] { $0.scripts[id] = { _ in throw ExecutionFailure(cause: "no \(id)") } }
    }
    let error = await #expect(throws: DioptraError.self) { try await scene.initialize() }
    #expect(error?.problem == "the step a failed (and 1 more): no a")
  }

  @Test func theNextRunBeginsAtWhatFailed() async throws {
    let scene = try FakeDeployment(Self.steps)
    scene.engine.change { $0.scripts["b"] = { _ in throw ExecutionFailure(cause: "no") } }
    await #expect(throws: DioptraError.self) { try await scene.initialize() }
    scene.engine.change {
      $0.scripts = [:]
      $0.log = []
    }
    try await scene.initialize()
    #expect(scene.engine.log.filter { $0.hasPrefix("begin ") } == ["begin b", "begin both"])
    #expect(try await scene.initialization.plan(state: scene.state).due.isEmpty)
  }

  @Test func whatIsStartedIsStoppedAtTheEndAlsoAfterAFailure() async throws {
    for fails in [false, true] {
      let scene = try FakeDeployment([.serve, .simple("a", after: ["serve"]), .simple("b"), .stop])
      scene.engine.change { if fails { $0.scripts["a"] = { _ in throw ExecutionFailure(cause: "no") } } }
      do {
        try await scene.initialize()
        #expect(!fails)
      } catch let error as DioptraError {
        #expect(fails, "\(error)")
      }
      let events = scene.engine.log.filter { $0 != "clean up" }
      #expect(events.last == "end stop")
      #expect(events.contains("end b"))
    }
  }

  @Test func aStepWaitsForItsOwnImageAndForNoOther() async throws {
    let scene = try FakeDeployment([.simple("a")])
    let engine = scene.engine
    engine.change {
      $0.missing = ["tool:1", "server:2"]
      $0.volumes = [:]
      $0.registry["server:2"] = { _ in try await engine.wait(for: "end a") }
    }
    try await scene.initialize()
    let log = engine.log
    #expect(log.starts(with: ["make ready", "begin fetch tool:1", "end fetch tool:1"]))
    #expect(log.last == "end fetch server:2")
    #expect(try scene.outcomes() == ["image.tool": "succeeded", "image.server": "succeeded", "a": "succeeded"])
  }

  @Test func existingDataAreLookedIntoBeforeAnythingElseHappens() async throws {
    let scene = try FakeDeployment([.simple("a")])
    scene.engine.change { $0.missing = ["tool:1", "server:2"] }
    try await scene.initialize()
    #expect(
      scene.engine.log == [
        "begin fetch server:2", "end fetch server:2", "look into box_data", "make ready", "begin fetch tool:1",
        "end fetch tool:1", "begin a", "end a",
      ])
  }

  @Test func anImageThatCannotBeFetchedHoldsUpOnlyTheStepsThatRunIt() async throws {
    let scene = try FakeDeployment([.simple("a")])
    scene.engine.change {
      $0.missing = ["server:2"]
      $0.volumes = [:]
      $0.registry["server:2"] = { _ in throw FetchFailure.missing }
    }
    let error = await #expect(throws: DioptraError.self) { try await scene.initialize() }
    #expect(
      error?.problem
        == "the step image.server failed: server:2 is not in its registry, or the registry wants a login")
    #expect(error?.remedies.isEmpty == false)
    #expect(try scene.outcomes() == ["image.server": "failed", "a": "succeeded"])
  }

  @Test func nothingRunsInAnImageThatIsNotThere() async throws {
    let scene = try FakeDeployment([.simple("a"), .simple("b", after: ["a"])])
    scene.engine.change {
      $0.missing = ["tool:1"]
      $0.registry["tool:1"] = { _ in throw FetchFailure.rateLimited }
    }
    await #expect(throws: DioptraError.self) { try await scene.initialize() }
    #expect(!scene.engine.log.contains { $0.hasPrefix("begin a") || $0.hasPrefix("begin b") })
  }

  @Test func asManyImagesAreFetchedAtOnceAsChosenThoseOnTheLongestChainFirst() async throws {
    let images = (1...4).map { "image-\($0):1" }
    let services = images.enumerated().map { number, image in
      Contribution.initService(Service(ServiceName("s\(number + 1)"), "Serves.", image: Text(image), connection: .none))
    }
    let chain: [Step] = (0..<4).map { number in
      Step(
        StepID("step-\(number)"), "Do it", requires: number == 0 ? [] : [StepID("step-\(number - 1)")],
        action: .run(ServiceName("s\(4 - number)"), []), deadline: 5)
    }
    let scene = try FakeDeployment(chain, also: services)
    scene.engine.change {
      $0.missing = Set(images)
      $0.volumes = [:]
    }
    try await scene.initialize()
    let begun = scene.engine.log.filter { $0.hasPrefix("begin fetch") }
    #expect(begun == ["image-4:1", "image-3:1", "image-2:1", "image-1:1"].map { "begin fetch \($0)" })
  }

  @Test func servicesAreStoppedWhileImagesThatNoStepNeedsStillCome() async throws {
    let scene = try FakeDeployment([.serve, .simple("a", after: ["serve"]), .stop])
    let engine = scene.engine
    engine.change {
      $0.missing = ["server:2"]
      $0.volumes = [:]
      $0.registry["server:2"] = { _ in try await engine.wait(for: "end stop") }
    }
    try await scene.initialize()
    #expect(engine.log.last == "end fetch server:2")
  }

  @Test func aRunThatIsCancelledStartsNothingMoreAndKeepsWhatEnded() async throws {
    let engine = FakeEngine()
    engine.change {
      $0.scripts["b"] = { _ in
        try await engine.wait(for: "end after-a")
        engine.note("b waits")
        try await Task.sleep(for: .seconds(600))
      }
    }
    let run = Task {
      let scene = try FakeDeployment(Self.steps, on: engine)
      await #expect(throws: CancellationError.self) { try await scene.initialize() }
      return try scene.outcomes()
    }
    try await engine.wait(for: "b waits")
    run.cancel()
    #expect(try await run.value == ["a": "succeeded", "after-a": "succeeded", "b": "failed"])
    #expect(engine.log.last == "clean up")
    #expect(!engine.log.contains("begin both"))
  }

  @Test func whatAStepSaysIsShownAndKeptWithoutSecrets() async throws {
    let scene = try FakeDeployment([.simple("a")])
    let secret = try scene.state.secretValues().value(
      of: SecretReference(name: "key", version: SecretReference.firstVersion))
    scene.engine.change {
      $0.scripts["a"] = { say in
        say("the key is \(secret)")
        say("done")
      }
    }
    let said = Mutex<[String]>([])
    try await scene.initialize { event in
      if case .said("a", let line) = event { said.withLock { $0.append(line) } }
    }
    let lines = said.withLock { $0 }
    #expect(lines.count == 2 && lines.last == "done")
    #expect(!lines.joined().contains(secret))
    let run = try #require(try scene.state.stepRecords()["a"]?.run)
    #expect(try scene.state.stepOutput("a", run: run) == lines.joined(separator: "\n"))
  }

  @Test func aStepRunsAgainWhereItsVolumeIsAnotherOne() async throws {
    let scene = try FakeDeployment([.simple("a")])
    try await scene.initialize()
    scene.engine.change {
      $0.volumes["box_data"] = VolumeFacts(
        name: "box_data", owner: FakeDeployment.id, ownInstance: "another mark", createdAt: nil)
      $0.log = []
    }
    try await scene.initialize()
    #expect(scene.engine.log.contains("end a"))
  }
}
