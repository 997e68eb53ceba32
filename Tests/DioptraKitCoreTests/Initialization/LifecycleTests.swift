import Synchronization
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraPlatform
@testable import DioptraState
@testable import DioptraSystem

/// Starting, restarting and stopping, on an engine that is not there.
struct LifecycleTests {
  private let scene: FakeDeployment

  init() throws {
    scene = try FakeDeployment([.simple("a"), .stop])
  }

  private func refusal(_ body: () async throws -> Void) async -> DioptraError? {
    await #expect(throws: Refusal.self) { try await body() }?.error
  }

  // MARK: Starting

  @Test func whatIsNotInitialisedIsNotStarted() async throws {
    scene.engine.change { $0.volumes = [:] }
    let error = await refusal { _ = try await scene.lifecycle().checkStart(scene.registry) }
    #expect(error?.problem == "the deployment is not initialised: Do a, has not run yet")
    #expect(error?.remedy == "Run `dioptra init`")
  }

  @Test func stepsThatAreDueAreReportedAndBlockNothing() async throws {
    let due = try await scene.lifecycle().checkStart(scene.registry)
    #expect(due.map(\.step.id) == ["a"])
    try await scene.initialize()
    #expect(try await scene.lifecycle().checkStart(scene.registry).isEmpty)
  }

  @Test func nothingIsStartedBesideAServerThatIsNotOurs() async throws {
    scene.engine.change {
      $0.boxes = [.init("stranger", workingDirectory: "/elsewhere", project: "other", on: ["box_data"])]
    }
    let error = await refusal { _ = try await scene.lifecycle().checkStart(scene.registry) }
    #expect(
      error?.problem == "the container stranger of the folder /elsewhere runs on the deployment's volumes, "
        + "and two servers on one volume destroy its data")
    #expect(error?.commands.contains(scene.engine.command(.stopContainer("stranger"))) == true)
  }

  @Test func whatOnlyReadsAndWhatIsOursDoNoHarm() async throws {
    scene.engine.change {
      $0.boxes = [
        .init("reader", on: ["box_data"], writing: false),
        .init("server", service: "box-server", workingDirectory: scene.folder.path, project: "box", on: ["box_data"]),
      ]
    }
    _ = try await scene.lifecycle().checkStart(scene.registry)
  }

  @Test func aVolumeOfAnotherDeploymentIsNotServed() async throws {
    scene.engine.change {
      $0.volumes["box_data"] = VolumeFacts(name: "box_data", owner: "another", ownInstance: "mark", createdAt: nil)
    }
    let error = await refusal { _ = try await scene.lifecycle().checkStart(scene.registry) }
    #expect(error?.problem.hasPrefix("the volume box_data belongs to the deployment another") == true)
  }

  @Test func whatAnEarlierInitialisationLeftIsEndedBeforeServicesStart() async throws {
    try await scene.lifecycle().start { _ in }
    #expect(scene.engine.log == ["clean up", "up all"])
  }

  @Test func oneServiceIsRecreated() async throws {
    try await scene.lifecycle().start("box-server", recreated: true) { _ in }
    #expect(scene.engine.log == ["clean up", "up box-server, recreated"])
  }

  // MARK: Stopping

  @Test func servicesAreStoppedInEveryProjectThatTheyRunIn() async throws {
    scene.engine.change {
      $0.boxes = [
        .init("server", service: "box-server", workingDirectory: scene.folder.path, project: "an-older-name"),
        // The user's own, in the same folder, and a foreign one.
        .init("notes", service: "notes", workingDirectory: scene.folder.path, project: "notes"),
        .init("other", service: "box-server", workingDirectory: "/elsewhere", project: "other"),
      ]
    }
    try await scene.lifecycle().stop { _ in }
    #expect(scene.engine.log == ["down an-older-name", "down box"])
  }

  @Test func containersOfAnotherFolderAreNotStoppedWithOurs() async throws {
    scene.engine.change {
      $0.boxes = [.init("theirs", service: "box-server", workingDirectory: "/elsewhere", project: "box")]
    }
    let error = await refusal { try await scene.lifecycle().stop { _ in } }
    #expect(error?.problem.hasPrefix("Fake has a project box of another folder, /elsewhere") == true)
    #expect(scene.engine.log.isEmpty)
  }

  // MARK: Waiting

  private func status(_ service: String, _ state: String, _ health: String = "") -> ServiceStatus {
    ServiceStatus(service: service, state: state, health: health, image: "image", ports: [])
  }

  @Test func everyServiceIsWaitedForAndToldOnce() async throws {
    scene.engine.change {
      $0.looks = [
        [status("a", "running"), status("b", "running", "starting")],
        [status("a", "running"), status("b", "running", "starting")],
        [status("a", "running"), status("b", "running", "healthy")],
      ]
    }
    var told: [String] = []
    try await scene.lifecycle().services.waitUntilWell(within: 3600, pause: .milliseconds(1)) {
      told.append($0.service)
    }
    #expect(told == ["a", "b"])
  }

  @Test func servicesThatDoNotBecomeWellAreNamedWithWhatTheySaid() async throws {
    scene.engine.change {
      $0.looks = [[status("a", "running"), status("b", "running", "unhealthy"), status("c", "exited")]]
    }
    let error = await #expect(throws: DioptraError.self) {
      try await scene.lifecycle().services.waitUntilWell(within: 0, pause: .milliseconds(1)) { _ in }
    }
    #expect(
      error?.problem == "not all services became healthy within 0 seconds: b (unhealthy), c (exited)\n"
        + "b said at the end:\n  the last words of b\n")
  }

  @Test func aServiceIsKnownWithAndWithoutThePrefix() async throws {
    scene.engine.change { $0.looks = [[status("box-server", "running"), status("notes", "running")]] }
    let services = try scene.lifecycle().services
    #expect(try await services.name("server") == "box-server")
    #expect(try await services.name("box-server") == "box-server")
    #expect(try await services.name("notes") == "notes")
    let error = await #expect(throws: DioptraError.self) { _ = try await services.name("serber") }
    #expect(error?.remedy == "Perhaps server is meant")
  }
}
