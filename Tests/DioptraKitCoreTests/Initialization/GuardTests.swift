import Synchronization
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraPlatform
@testable import DioptraState
@testable import DioptraSystem

/// What does not let an initialisation through. Nothing has been done to the engine then.
struct GuardTests {
  private let scene: FakeDeployment

  init() throws {
    scene = try FakeDeployment([.simple("a", volumeBindings: [Step.VolumeBinding("data", setting: "KEY")])])
  }

  /// The refusal of an initialisation that is stopped by one, before anything is begun or made.
  private func refusal(of scene: FakeDeployment? = nil) async throws -> DioptraError? {
    let scene = scene ?? self.scene
    scene.engine.change { $0.log = [] }
    let error = await #expect(throws: DioptraError.self) { try await scene.initialize() }
    #expect(!scene.engine.log.contains { $0.hasPrefix("begin") || $0 == "make ready" }, "\(scene.engine.log)")
    let outcome = try History(of: scene.state, in: scene.folder).runs().first?.outcome
    #expect(outcome == .stopped)
    return error
  }

  // MARK: Volumes

  @Test(arguments: [
    (
      "0000000000000001" as String?, "the deployment 0000000000000001",
      ManualAction.removeVolumes(ofDeployment: "0000000000000001")
    ),
    (nil, "something else", .removeVolume("box_data")),
  ])
  func aVolumeOfSomethingElseIsLeftAlone(owner: String?, name: String, removal: ManualAction) async throws {
    scene.engine.change {
      $0.volumes["box_data"] = VolumeFacts(name: "box_data", owner: owner, ownInstance: nil, createdAt: "then")
    }
    let error = try await refusal()
    #expect(error?.problem == "the volume box_data belongs to \(name), and its data would be damaged")
    #expect(error?.commands == [scene.engine.command(removal)])
  }

  @Test func aVolumeThatWasAdoptedIsOursUntilItIsAnotherOne() async throws {
    func volume(_ createdAt: String) -> VolumeFacts {
      VolumeFacts(name: "box_data", owner: nil, ownInstance: nil, createdAt: createdAt)
    }
    let run = try scene.state.startRun(VersionedDeployment.run("adopt"), now: .now)
    try scene.state.claim(
      [State.Claim(engine: scene.engine.id, volume: "box_data", createdAt: "then")], run: run, now: .now)
    scene.engine.change { $0.volumes["box_data"] = volume("then") }
    try await scene.initialize()
    scene.engine.change { $0.volumes["box_data"] = volume("later") }
    #expect(try await refusal()?.problem.contains("box_data belongs to something else") == true)
  }

  // MARK: Containers

  @Test func aContainerOfAnotherFolderOnTheVolumesIsToBeStoppedByHand() async throws {
    scene.engine.change { $0.boxes = [.init("stranger", workingDirectory: "/elsewhere", on: ["box_data"])] }
    let error = try await refusal()
    #expect(error?.problem.contains("the container stranger runs on the deployment's volumes") == true)
    #expect(error?.problem.contains("Do a: has not run yet") == true)
    #expect(error?.commands.contains(scene.engine.command(.stopContainer("stranger"))) == true)
  }

  @Test func theDeploymentItselfIsToBeStopped() async throws {
    scene.engine.change {
      $0.boxes = ["one", "two"].map { .init($0, workingDirectory: scene.folder.path, project: "box", on: ["box_data"]) }
    }
    let error = try await refusal()
    #expect(error?.problem.contains("the container one and 1 more runs") == true)
    #expect(error?.remedy == "Stop the deployment with `dioptra stop`, then run the command again")
  }

  @Test func containersThatAreStoppedOrOnOtherVolumesDoNoHarm() async throws {
    scene.engine.change {
      $0.boxes = [
        .init("stopped", running: false, workingDirectory: "/elsewhere", on: ["box_data"]),
        .init("other", workingDirectory: "/elsewhere", project: "other", on: ["other_data"]),
      ]
    }
    try await scene.initialize()
    #expect(try scene.outcomes() == ["a": "succeeded"])
  }

  @Test func aProjectOfTheSameNameOfAnotherFolderWouldBeMixedUp() async throws {
    scene.engine.change { $0.boxes = [.init("theirs", running: false, workingDirectory: "/elsewhere", project: "box")] }
    let error = try await refusal()
    #expect(
      error?.problem == "Fake has a project box of another folder, /elsewhere, and would mix it up with this one")
    #expect(error?.commands.contains(scene.engine.command(.removeProject("box"))) == true)
  }

  // MARK: Data

  @Test func dataOfAnotherFormatAreNotTouched() async throws {
    scene.engine.change { $0.formats["box_data"] = "1" }
    let error = try await refusal()
    #expect(error?.problem == "the data in the volume box_data are of Box 1, which Box 2 cannot use")
    #expect(error?.commands.first == ["dioptra", "config", "set", "format=1"])
  }

  @Test func dataOfTheRightFormatAreUsed() async throws {
    scene.engine.change { $0.formats["box_data"] = "2" }
    try await scene.initialize()
    #expect(scene.engine.log == ["look into box_data", "make ready", "begin a", "end a"])
  }

  @Test func dataThatWereMadeWithAnotherKeyAreNotTouched() async throws {
    try await scene.initialize()
    try scene.scratch.write("KEY=two\n", to: ".env")
    let error = try await refusal()
    #expect(error?.problem == "the data in the volume box_data were made with another KEY than .env has now")
    // Without the data there is nothing that the key does not fit.
    scene.engine.change { $0.volumes = [:] }
    try await scene.initialize()
  }

  // MARK: Prerequisites

  private struct Check: DoctorCheck {
    let title = "check"
    var isGuard = true
    let finding: CheckFinding

    func findings(in context: CheckContext) -> [CheckFinding] { [finding] }
  }

  @Test func aPrerequisiteOfAComponentStopsItWhereItIsAGuard() async throws {
    let finding = CheckFinding.error("it is not well", remedy: "Make it well")
    let error = try await refusal(of: FakeDeployment([.simple("a")], checks: [Check(finding: finding)]))
    #expect(error == DioptraError(.checkFailed, "it is not well", remedy: "Make it well"))
    let harmless = try FakeDeployment([.simple("a")], checks: [Check(isGuard: false, finding: finding)])
    try await harmless.initialize()
  }

  @Test func aWarningIsReportedAndStopsNothing() async throws {
    let finding = CheckFinding.warning("it is old", remedy: "Renew it")
    let warned = try FakeDeployment([.simple("a")], checks: [Check(finding: finding)])
    let told = Mutex<[CheckFinding]>([])
    try await warned.initialize { event in
      if case .warned(let finding) = event { told.withLock { $0.append(finding) } }
    }
    #expect(told.withLock { $0 } == [finding])
  }

  @Test func imagesAreFetchedWhateverRunsOnTheVolumes() async throws {
    let fetching = try FakeDeployment([])
    fetching.engine.change {
      $0.missing = ["tool:1"]
      $0.boxes = [.init("stranger", workingDirectory: "/elsewhere", project: "box", on: ["box_data"])]
    }
    try await fetching.initialize()
    #expect(fetching.engine.log == ["begin fetch tool:1", "end fetch tool:1"])
  }
}
