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

  @Test func imagesComeBeforeAnythingIsMade() async throws {
    let scene = try FakeDeployment([.pull, .simple("a")])
    scene.engine.change { $0.missing = ["tool:1"] }
    try await scene.initialize()
    #expect(
      scene.engine.log == [
        "begin images.pull", "end images.pull", "look into box_data", "make ready", "begin a", "end a",
      ])
  }

  @Test func nothingIsMadeWhereImagesCannotBeHad() async throws {
    let scene = try FakeDeployment([.pull, .simple("a")])
    scene.engine.change {
      $0.missing = ["tool:1"]
      $0.scripts["images.pull"] = { _ in throw ExecutionFailure(cause: "tool:1 cannot be fetched") }
    }
    let error = await #expect(throws: DioptraError.self) { try await scene.initialize() }
    #expect(error?.problem == "the step images.pull failed: tool:1 cannot be fetched")
    #expect(scene.engine.log == ["begin images.pull", "clean up"])
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
