import Foundation
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraPlatform
@testable import DioptraState
@testable import DioptraSystem

/// Images loaded from a file, into an engine that is not there.
struct ImageLoadingTests {
  @Test(arguments: [false, true]) func whatIsMissingIsLoadedAndTheRestIsLeftAlone(inFolder: Bool) async throws {
    let scene = try await ImageScene()
    _ = try await scene.save()
    let images = scene.engine.world.store.images
    scene.forget("tool:1")
    let report = try await scene.load(inFolder: inFolder)
    #expect(report.images.map(\.isLoaded) == [false, true])
    #expect(report.digest == Digest(of: try scene.bytes()))
    #expect(scene.engine.log == ["load tool:1"])
    #expect(scene.engine.world.store.images == images)
    #expect(try await scene.load(inFolder: inFolder).images.map(\.isLoaded) == [false, false])
    #expect(scene.engine.log == ["load tool:1"])
  }

  @Test func anotherImageOfThatNameIsReplaced() async throws {
    let scene = try await ImageScene()
    _ = try await scene.save()
    scene.engine.change { $0.store.images["tool:1"] = .init("sha256:c3") }
    #expect(try await scene.load().images.map(\.isLoaded) == [false, true])
    #expect(scene.engine.world.store.images["tool:1"]?.facts.id == "sha256:b2")
  }

  @Test func anEngineWithOtherIdsForTheSameImagesHasThem() async throws {
    let scene = try await ImageScene()
    _ = try await scene.save()
    scene.engine.change { world in
      let facts = world.store.images["tool:1"]!.facts
      world.store.images["tool:1"]?.facts = ImageFacts(
        id: "sha256:other", digests: [], platform: facts.platform, bytes: facts.bytes, content: facts.content)
    }
    #expect(try await scene.load().images.map(\.isLoaded) == [false, false])
  }

  @Test func imagesOfAnotherArchitectureAreRefused() async throws {
    let scene = try await ImageScene()
    _ = try await scene.save()
    scene.forget("server:2", "tool:1")
    scene.engine.change { $0.store.platform = "linux/arm64" }
    let error = await #expect(throws: DioptraError.self) { try await scene.load() }
    #expect(error?.problem == "the images are made for linux/amd64, and the engine runs linux/arm64")
    #expect(scene.engine.world.store.images.isEmpty && scene.engine.log.isEmpty)
  }

  @Test(arguments: [
    (nil, "does not have it"), ("sha256:c3", "has sha256:c3 under that name instead of sha256:a1"),
  ])
  func anImageThatIsNotTheSavedOneAfterwardsIsNamed(id: String?, words: String) async throws {
    let scene = try await ImageScene()
    _ = try await scene.save()
    scene.forget("server:2")
    scene.engine.change { $0.store.changes = { _ in id.map { FakeImages.Image($0) } } }
    let error = await #expect(throws: DioptraError.self) { try await scene.load() }
    #expect(error?.problem == "server:2 was loaded, and the engine \(words)")
  }

  @Test(arguments: FakeEngine.Trouble.allCases)
  func whateverGoesWrongTheNextLoadResumes(trouble: FakeEngine.Trouble) async throws {
    let scene = try await ImageScene()
    _ = try await scene.save()
    let images = scene.engine.world.store.images
    var call = 0
    while true {
      call += 1
      scene.forget("server:2", "tool:1")
      let (result, name) = await scene.data.run(with: trouble, at: call) { try await scene.load() }
      guard let name else { break }
      #expect(throws: (any Error).self, "\(trouble) of \(name)") { try result.get() }
      let loaded = scene.engine.log
      scene.engine.change { $0.log = [] }
      try await scene.load()
      #expect(loaded + scene.engine.log == ["load server:2", "load tool:1"], "\(trouble) of \(name)")
      #expect(scene.engine.world.store.images == images)
    }
    #expect(call == 8)
  }

  // MARK: Files that are not whole

  /// Refuses a file, with one sentence, before the engine is asked for anything.
  ///
  /// - Parameter codes: A flipped bit can make the number of another format.
  private func expectRefusal(
    _ scene: ImageScene, _ comment: Comment, codes: Set<DioptraError.Code> = [.imagesInvalid]
  ) async {
    let error = await #expect(throws: DioptraError.self, comment) { try await scene.load() }
    #expect(error.map { codes.contains($0.code) } == true, comment)
    #expect(error?.problem.contains("\n") == false, comment)
    #expect(scene.engine.world.calls.isEmpty, comment)
  }

  @Test func anEndThatIsMissingIsFoundWhereverItIsCut() async throws {
    let scene = try await ImageScene()
    _ = try await scene.save()
    let bytes = try scene.bytes()
    scene.forget("server:2", "tool:1")
    let seed = UInt64.random(in: 0...9_999)
    var generator = SeededGenerator(seed: seed)
    let edges = scene.boundaries(of: bytes).flatMap { [$0 - 1, $0, $0 + 1] } + [bytes.count - 1]
    let random = (0..<60).map { _ in Int.random(in: 0..<bytes.count, using: &generator) }
    for length in (edges + random).filter({ (0..<bytes.count).contains($0) }) {
      try scene.replace(with: bytes[..<length])
      await expectRefusal(scene, "\(length) of \(bytes.count) bytes, seed \(seed)")
    }
    try scene.replace(with: bytes + [0])
    await expectRefusal(scene, "one byte more")
  }

  @Test func everyFlippedBitIsFound() async throws {
    let scene = try await ImageScene()
    _ = try await scene.save()
    let bytes = try scene.bytes()
    scene.forget("server:2", "tool:1")
    let seed = UInt64.random(in: 0...9_999)
    var generator = SeededGenerator(seed: seed)
    let count = Thorough.isOn ? bytes.count : 400
    let places = Thorough.isOn ? Array(bytes.indices) : (0..<count).map { _ in generator.pick(Array(bytes.indices)) }
    for place in places {
      var flipped = bytes
      flipped[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      try scene.replace(with: flipped)
      await expectRefusal(
        scene, "byte \(place) of \(bytes.count), seed \(seed)", codes: [.imagesInvalid, .versionUnsupported])
    }
    try scene.replace(with: bytes)
    #expect(try await scene.load().images.count == 2)
  }

  @Test(arguments: ["", "my notes", String(repeating: "0", count: 5_000)])
  func aForeignFileIsRefused(text: String) async throws {
    let scene = try await ImageScene()
    try scene.replace(with: Array(text.utf8))
    await expectRefusal(scene, "\(text.prefix(10))")
  }

  @Test func aBackupIsNoFileOfImages() async throws {
    let scene = try await ImageScene()
    _ = try await scene.data.back(withoutData: true)
    try FileManager.default.moveItem(atPath: scene.data.backup, toPath: scene.path)
    await expectRefusal(scene, "a backup")
  }

  @Test func aFileOfANewerFormatIsNamed() async throws {
    let scene = try await ImageScene()
    let text = #"{"format": 2, "everything": "else"}"#
    let header = TarHeader(
      name: ImageArchiveOrigin.entry, kind: .file, mode: 0o644, size: text.utf8.count, modified: 1)
    try scene.replace(
      with: header.blocks + Array(text.utf8) + [UInt8](repeating: 0, count: TarHeader.padding(after: text.utf8.count)))
    let error = await #expect(throws: DioptraError.self) { try await scene.load() }
    #expect(error?.code == .versionUnsupported)
  }
}
