import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraPlatform
@testable import DioptraRendering
@testable import DioptraState
@testable import DioptraSystem

/// How an engine that is not there differs from the deployment's files.
struct EngineDriftTests {
  private typealias Difference = EngineDrift.Difference

  private let scene: FakeDeployment

  init() throws {
    let actions: [VolumePreparation.Action] = [
      .folder(mode: "0755"), .copy("box.conf", as: "box.conf", mode: "0644"),
      .value(of: "KEY", in: ".env", as: "key", mode: "0600"),
      .copyMatching(folder: "ssl", pattern: "*.crt", mode: "0644"),
    ]
    scene = try FakeDeployment(
      [.simple("fill")],
      also: [
        .file(FolderFile("box.conf", .text("a box\n"))),
        .initService(Service("named-volumes", "Looks.", image: "tool:1", connection: .none)),
        .initService(Service("asker", "Asks.", image: "tool:1", mounts: [.volume("data", at: "/data")])),
        .volumePreparation(
          VolumePreparation(
            "data", directoryOption: "data", owner: .init(option: "owner", help: "Its owner.", value: "0:0"),
            actions: actions.map { .init($0) })),
        .liveFacts(LiveFacts(.execute("server", ["list"]), expected: ["bucket one", "bucket two"])),
        .liveFacts(LiveFacts(.run("asker", ["ask"], beside: "server"), expected: ["queue"], step: "fill")),
      ])
    try scene.scratch.write("a box\n", to: "box.conf")
    try scene.scratch.write("a certificate\n", to: "ssl/own.crt")
    scene.engine.change {
      $0.running = ["server": "the running server"]
      $0.answers = [
        "sha256sum": Self.digests(["box.conf": "a box\n", "key": "one", "own.crt": "a certificate\n"]),
        "list": .init(outcome: ProgramOutcome(status: 0, output: "bucket two\nanother\nbucket one\n")),
        "asker": .init(outcome: ProgramOutcome(status: 0, output: "queue\n")),
      ]
    }
  }

  /// What `sha256sum` says of the files in the volume.
  private static func digests(_ files: [String: String], status: Int32 = 0) -> FakeEngine.Answer {
    let lines = files.sorted { $0.key < $1.key }.map { "\(Digest(of: $1).hexadecimal)  /volumes/data/\($0)\n" }
    return .init(outcome: ProgramOutcome(status: status, output: lines.joined()))
  }

  private func differences() async throws -> [Difference] {
    let drift = EngineDrift(
      of: scene.deployment, in: scene.folder, on: scene.engine, hiding: try scene.state.secretValues())
    return try await drift.differences()
  }

  private func rerunning(_ step: StepID) -> [[String]] {
    [["dioptra", "stop"], ["dioptra", "steps", "--run", step.rawValue], ["dioptra", "start"]]
  }

  // MARK: Nothing

  @Test func anUntouchedDeploymentHasNoDifference() async throws {
    #expect(try await differences().isEmpty)
    // All was looked at, and nothing changed.
    #expect(
      scene.engine.log == ["sha256sum on box_data (read)", "list in the running server", "run asker ask"])
  }

  @Test func nothingIsQueriedIfNoServiceRuns() async throws {
    scene.engine.change { $0.running = [:] }
    #expect(try await differences().isEmpty)
    #expect(scene.engine.log == ["sha256sum on box_data (read)"])
  }

  @Test func lookingDoesNotCreateAMissingVolume() async throws {
    scene.engine.change { $0.volumes = [:] }
    #expect(try await differences().isEmpty)
    #expect(scene.engine.log == ["list in the running server"])
  }

  @Test func withoutTheImageThatLooksVolumesAreNotRead() async throws {
    scene.engine.change { $0.missing = ["tool:1"] }
    #expect(try await differences().isEmpty)
    #expect(!scene.engine.log.contains { $0.hasPrefix("sha256sum") })
  }

  // MARK: Services

  @Test(arguments: [
    (ServiceDeviation.Kind.noContainer, "has no container", ["dioptra", "start"]),
    (.image("server:1"), "runs the image server:1", ["dioptra", "restart", "server"]),
    (.olderImage("server:2"), "runs an older server:2", ["dioptra", "restart", "server"]),
    (.variables(["ONE", "TWO"]), "has a different ONE, TWO", ["dioptra", "restart", "server"]),
    (.command, "runs a different command", ["dioptra", "restart", "server"]),
  ])
  func aServiceThatDiffersIsTold(kind: ServiceDeviation.Kind, state: String, command: [String]) async throws {
    scene.engine.change { $0.deviations = [ServiceDeviation("box-server", kind)] }
    let found = try await differences()
    #expect(found.map(\.subject) == ["service server"])
    #expect(found.map(\.component) == ["box"] && found.map(\.state) == [state])
    #expect(found.map(\.remedy.commands) == [[command]])
  }

  @Test func theUsersOwnServiceBelongsToNoComponent() async throws {
    scene.engine.change { $0.deviations = [ServiceDeviation("notes", .command)] }
    let found = try await differences()
    #expect(found.map(\.subject) == ["service notes"] && found.map(\.component) == [""])
    #expect(found.map(\.remedy.commands) == [[["dioptra", "restart", "notes"]]])
  }

  // MARK: Volumes

  @Test(arguments: [
    (["key": "one", "own.crt": "a certificate\n"], "box.conf", "is missing"),
    (["box.conf": "a bigger box\n", "key": "one", "own.crt": "a certificate\n"], "box.conf", "differs from box.conf"),
    (["box.conf": "a box\n", "key": "two", "own.crt": "a certificate\n"], "key", "differs from the KEY of .env"),
    (["box.conf": "a box\n", "key": "one", "own.crt": ""], "own.crt", "differs from ssl/own.crt"),
  ])
  func aFileInAVolumeIsComparedWithWhatItWasCopiedFrom(
    files: [String: String], name: String, state: String
  ) async throws {
    // Where one file is missing, the program ends with an error after the others.
    scene.engine.change { $0.answers["sha256sum"] = Self.digests(files, status: files.count < 3 ? 1 : 0) }
    let found = try await differences()
    #expect(found.map(\.subject) == ["volume box_data: \(name)"])
    #expect(found.map(\.component) == ["box"] && found.map(\.state) == [state])
    #expect(found.map(\.remedy.commands) == [rerunning("volumes.prepare")])
  }

  @Test func aChangeInTheFolderIsADifferenceUntilItIsInTheVolume() async throws {
    try scene.scratch.write("a new box\n", to: "box.conf")
    #expect(try await differences().map(\.state) == ["differs from box.conf"])
  }

  @Test func aVolumeOfAnotherDeploymentIsTold() async throws {
    scene.engine.change {
      $0.volumes["box_data"] = VolumeFacts(name: "box_data", owner: "another", ownInstance: "mark", createdAt: nil)
    }
    let found = try await differences()
    #expect(found.map(\.subject) == ["volume box_data"] && found.map(\.component) == ["box"])
    #expect(found.map(\.state) == ["belongs to the deployment another"])
    #expect(found.map(\.remedy.commands) == [[["dioptra", "config", "set", "project_slug=…"]]])
  }

  // MARK: Live facts

  @Test func aFactThatNoStepMakesIsToBeRestored() async throws {
    scene.engine.change { $0.answers["list"] = .init(outcome: ProgramOutcome(status: 0, output: "bucket two\n")) }
    let found = try await differences()
    #expect(found.map(\.subject) == ["bucket one"] && found.map(\.component) == ["box"])
    #expect(found.map(\.state) == ["is missing"])
    #expect(found.map(\.remedy.text) == ["See `dioptra logs`, then restore it from a backup"])
  }

  @Test func aFactOfAStepIsMadeByTheStep() async throws {
    scene.engine.change { $0.answers["asker"] = .init(outcome: ProgramOutcome(status: 0, output: "queues\n")) }
    let found = try await differences()
    #expect(found.map(\.subject) == ["queue"] && found.map(\.state) == ["is missing"])
    #expect(found.map(\.remedy.commands) == [rerunning("fill")])
  }

  @Test func whereTheQuestionFailsAllItsFactsAreMissing() async throws {
    scene.engine.change { world in
      for word in ["list", "asker"] {
        world.answers[word] = .init(outcome: ProgramOutcome(status: 1, output: "bucket one\nqueue\n"))
      }
    }
    #expect(try await differences().map(\.subject) == ["bucket one", "bucket two", "queue"])
  }

  @Test func differencesAreListedServicesFirst() async throws {
    scene.engine.change {
      $0.deviations = [ServiceDeviation("box-server", .command)]
      $0.answers["sha256sum"] = Self.digests([:], status: 1)
      $0.answers["list"] = .init()
    }
    #expect(
      try await differences().map(\.subject) == [
        "service server", "volume box_data: box.conf", "volume box_data: key", "volume box_data: own.crt",
        "bucket one", "bucket two",
      ])
  }

  // MARK: Failures

  @Test func anEngineThatFailsGivesOneError() async throws {
    for number in 1...20 {
      scene.engine.change {
        $0.calls = []
        $0.trouble = (.failure, number)
      }
      do {
        #expect(try await differences().isEmpty)
        #expect(number == 8)
        return
      } catch let error as DioptraError {
        let call = try #require(scene.engine.world.calls.last)
        #expect(error == DioptraError(.engineFailed, "no answer to: \(call)", remedy: "Start the engine"))
        #expect(scene.engine.world.calls.count == number)
      }
    }
    Issue.record("there is no end of calls")
  }

  @Test func aContainerThatDoesNotStartIsAnErrorAndNoDifference() async throws {
    scene.engine.change {
      $0.answers["sha256sum"] = .init(
        outcome: ProgramOutcome(status: 125, errors: "first\nno space left\n", hasRun: false))
    }
    let error = await #expect(throws: DioptraError.self) { _ = try await differences() }
    #expect(error == DioptraError(.engineFailed, "the volumes cannot be read: no space left", remedy: .checkEngine))
  }

  // MARK: The whole operation

  @Test func differencesAreFindingsAndAskingIsNoRun() async throws {
    let scene = try await DataScene()
    scene.engine.change { $0.deviations = [ServiceDeviation("box-server", .noContainer)] }
    let runs = try scene.runs()
    let drift = DriftOperation(try ConfinedFolder(path: scene.lab), in: scene.context)
    let findings = try await drift.engineFindings()
    #expect(findings.map(\.path) == ["service server"] && findings.map(\.kind) == [.engine])
    #expect(findings.map(\.component) == ["box"] && findings.map(\.detail) == ["has no container"])
    #expect(findings.map(\.remedy.commands) == [[["dioptra", "start"]]])
    #expect(try scene.runs() == runs && scene.engine.log.isEmpty)
  }

  @Test func withoutAnEngineThereIsItsErrorAndNothingIsCompared() async throws {
    let scene = try await DataScene()
    scene.engine.change { $0.trouble = (.failure, 1) }
    let drift = DriftOperation(try ConfinedFolder(path: scene.lab), in: scene.context)
    let error = await #expect(throws: DioptraError.self) { _ = try await drift.engineFindings() }
    #expect(error?.problem == "no answer to: find the engine")
    #expect(scene.engine.world.calls == ["find the engine"])
  }
}
