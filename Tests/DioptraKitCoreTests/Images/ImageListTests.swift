import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraPlatform
@testable import DioptraSystem

struct ImageListTests {
  @Test func eachImageIsListedWithItsUsersAndWhatTheEngineHas() async throws {
    let scene = try await ImageScene()
    scene.forget("tool:1")
    let list = try await ImageList(of: ConfinedFolder(path: scene.data.lab), in: scene.data.context)
    #expect(list.images.map(\.name) == ["server:2", "tool:1"])
    #expect(list.images.map(\.services) == [["server"], []])
    #expect(list.images.map(\.initServices) == [["server"], ["tool", "named-volumes"]])
    #expect(list.images.map(\.isPresent) == [true, false])
    #expect(list.images[0].id == "sha256:a1" && list.images[0].bytes == 900)
    #expect(list.engine == "Fake 1" && list.withoutEngine == nil)
    #expect(scene.engine.world.calls == ["find the engine", "facts of server:2 tool:1"])
  }

  @Test func withoutAnEngineTheNeededImagesAreListed() async throws {
    let scene = try await ImageScene()
    scene.engine.change { $0.trouble = (.failure, 1) }
    let list = try await ImageList(of: ConfinedFolder(path: scene.data.lab), in: scene.data.context)
    #expect(list.images.map(\.name) == ["server:2", "tool:1"])
    #expect(list.images.allSatisfy { $0.isPresent == nil && $0.id == nil })
    #expect(list.engine == nil && list.withoutEngine?.problem == "no answer to: find the engine")
  }
}
