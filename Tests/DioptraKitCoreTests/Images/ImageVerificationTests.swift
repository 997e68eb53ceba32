import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraPlatform
@testable import DioptraSystem

struct ImageVerificationTests {
  private func running(_ id: String?) async throws -> ImageScene {
    let scene = try await ImageScene()
    scene.engine.change {
      $0.running = ["server": "box-1"]
      $0.store.containers = id.map { ["box-1": $0] } ?? [:]
      $0.calls = []
    }
    return scene
  }

  private func verify(_ scene: ImageScene, against path: String? = nil) async throws -> ImageVerification {
    try await ImageVerification(of: ConfinedFolder(path: scene.data.lab), against: path, in: scene.data.context)
  }

  @Test func servicesThatRunTheirImagesAreClean() async throws {
    let scene = try await running("sha256:a1")
    let report = try await verify(scene)
    #expect(report.isClean && report.services.map(\.match) == [.same] && report.images.map(\.match) == [.same, .same])
    #expect(
      scene.engine.world.calls == [
        "find the engine", "facts of server:2 tool:1", "running services", "images of containers",
      ])
  }

  @Test(arguments: [("sha256:old", .different), (nil, .missing)] as [(String?, ImageVerification.Match)])
  func aServiceOfAnotherImageIsADifference(id: String?, match: ImageVerification.Match) async throws {
    let report = try await verify(try await running(id))
    #expect(!report.isClean && report.services.map(\.match) == [match])
    #expect(report.services.map(\.id) == [id])
  }

  @Test func anImageThatIsMissingIsADifference() async throws {
    let scene = try await ImageScene()
    scene.forget("tool:1")
    let report = try await verify(scene)
    #expect(!report.isClean && report.images.map(\.match) == [.same, .missing] && report.services.isEmpty)
  }

  @Test func eachImageIsComparedWithTheSavedOne() async throws {
    let scene = try await running("sha256:a1")
    _ = try await scene.save()
    #expect(try await verify(scene, against: scene.path).isClean)
    scene.engine.change { $0.store.images["tool:1"] = .init("sha256:c3") }
    #expect(try await verify(scene).isClean)
    let report = try await verify(scene, against: scene.path)
    #expect(!report.isClean && report.images.map(\.match) == [.same, .different])
    #expect(report.images.map(\.savedID) == ["sha256:a1", "sha256:b2"])
  }

  @Test func aFileThatIsNotWholeIsRefusedBeforeTheEngineIsAsked() async throws {
    let scene = try await running("sha256:a1")
    _ = try await scene.save()
    try scene.replace(with: try scene.bytes().dropLast())
    scene.engine.change { $0.calls = [] }
    let error = await #expect(throws: DioptraError.self) { try await verify(scene, against: scene.path) }
    #expect(error?.code == .imagesInvalid && scene.engine.world.calls.isEmpty)
  }

  @Test(arguments: FakeEngine.Trouble.allCases) func whateverGoesWrongNothingIsCalledClean(trouble: FakeEngine.Trouble)
    async throws
  {
    let scene = try await running("sha256:a1")
    for call in 1...4 {
      let (result, name) = await scene.data.run(with: trouble, at: call) { try await verify(scene).isClean }
      #expect(throws: (any Error).self, "\(trouble) of \(name ?? "nothing")") { try result.get() }
    }
  }
}
