import Foundation
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraPlatform
@testable import DioptraState
@testable import DioptraSystem

/// Images saved to a file, from an engine that is not there.
struct ImageSavingTests {
  @Test func everyImageOfTheDeploymentIsInTheFile() async throws {
    let scene = try await ImageScene()
    let report = try await scene.save()
    #expect(report.images.map(\.name) == ["server:2", "tool:1"])
    #expect(report.images.map(\.id) == ["sha256:a1", "sha256:b2"])
    #expect(report.platform == "linux/amd64" && report.release == "1.0.0")
    let bytes = try scene.bytes()
    #expect(report.digest == Digest(of: bytes) && report.bytes == bytes.count)
    #expect(try scene.files() == ["lab.images"])
    #expect(scene.engine.log == ["save server:2", "save tool:1"])
  }

  /// What the engine wrote is in the file in its order, so that it can be taken out by hand.
  @Test func tarReadsTheFile() async throws {
    let scene = try await ImageScene()
    _ = try await scene.save()
    let listed = try await Tool.run("tar", ["-tf", scene.path]).output.split(separator: "\n").map(String.init)
    #expect(listed.first == "dioptra-images.json" && listed.last == "manifest.json")
    let parts = listed.filter { $0.hasPrefix("content/00001/") }
    #expect(parts.count == 5)
    let taken = try await Tool.run("bash", ["-c", "tar -xOf \"$0\" \"$@\" | sha256sum", scene.path] + parts)
    let image = try #require(scene.engine.world.store.images["server:2"])
    let written = Array("server:2 sha256:a1 900\n".utf8) + image.bytes
    #expect(taken.output.hasPrefix(Digest(of: written).hexadecimal))
  }

  @Test func whatTheEngineDoesNotHaveIsNamedWithWhatToDo() async throws {
    let scene = try await ImageScene()
    scene.forget("tool:1")
    let error = await #expect(throws: DioptraError.self) { try await scene.save() }
    #expect(error?.problem == "the engine does not have tool:1")
    #expect(error?.remedy.contains("dioptra init") == true && error?.remedy.contains("fetchImage") == true)
    #expect(try scene.files().isEmpty)
    #expect(scene.engine.log.isEmpty)
  }

  @Test func aFileIsNeverOverwrittenNorPutIntoTheFolder() async throws {
    let scene = try await ImageScene()
    try scene.replace(with: [1])
    let error = await #expect(throws: DioptraError.self) { try await scene.save() }
    #expect(error?.problem.hasSuffix("lab.images exists already") == true)
    let folder = try ConfinedFolder(path: scene.data.lab)
    let inside = await #expect(throws: DioptraError.self) {
      try await ImageSaving(of: folder, in: scene.data.context).run(to: scene.data.lab + "/images")
    }
    #expect(inside?.problem.contains("is inside the deployment's folder") == true)
    #expect(scene.engine.world.calls.isEmpty)
  }

  @Test func aDiskThatCannotHoldTheImagesIsNamedBeforeOneIsWritten() async throws {
    let scene = try await ImageScene()
    scene.engine.change {
      $0.store.images["tool:1"]?.facts = ImageFacts(
        id: "sha256:b2", digests: [], platform: "linux/amd64", bytes: 1 << 60, content: "much")
    }
    let error = await #expect(throws: DioptraError.self) { try await scene.save() }
    #expect(error?.code == .spaceInsufficient)
    #expect(error?.problem.contains("backups has ") == true && error?.problem.contains("1152921 TB") == true)
    #expect(scene.engine.log.isEmpty)
  }

  @Test func anotherReleaseThatIsUnknownIsRefused() async throws {
    let scene = try await ImageScene()
    let error = await #expect(throws: DioptraError.self) { try await scene.save(release: "9.9.9") }
    #expect(error?.problem.contains("9.9.9") == true)
    #expect(try await scene.save(release: "1.0.0").images.count == 2)
  }

  // MARK: What goes wrong

  /// Whatever call goes wrong, there is no file of that name, and the next save goes on with what is whole.
  @Test(arguments: FakeEngine.Trouble.allCases)
  func whateverGoesWrongTheNextSaveResumes(trouble: FakeEngine.Trouble) async throws {
    var call = 0
    while true {
      call += 1
      let scene = try await ImageScene()
      let (result, name) = await scene.data.run(with: trouble, at: call) { try await scene.save() }
      guard let name else { break }
      #expect(throws: (any Error).self, "\(trouble) of \(name)") { try result.get() }
      #expect(try !scene.files().contains("lab.images"), "\(trouble) of \(name)")
      let whole = scene.engine.log.filter { $0.hasPrefix("save ") }
      scene.engine.change { $0.log = [] }
      let report = try await scene.save()
      let kept = report.images.filter(\.wasThere).map { "save \($0.name)" }
      #expect(kept == (name == "save tool:1" ? ["save server:2"] : []), "\(trouble) of \(name): \(whole)")
      #expect(scene.engine.log == ["save server:2", "save tool:1"].filter { !kept.contains($0) })
      #expect(try scene.files() == ["lab.images"])
      scene.forget("server:2", "tool:1")
      #expect(try await scene.load().images.filter(\.isLoaded).count == 2)
    }
    #expect(call == 6)
  }

  /// Cut anywhere, what is left is verified, and only what is whole is kept.
  @Test func aSaveThatWasCutOffAnywhereIsResumed() async throws {
    let scene = try await ImageScene()
    _ = try await scene.save()
    let bytes = try scene.bytes()
    try FileManager.default.removeItem(atPath: scene.path)
    var generator = SeededGenerator(seed: 3)
    let edges = scene.boundaries(of: bytes).flatMap { [$0 - 1, $0, $0 + 1] }
    let random = (0..<20).map { _ in Int.random(in: 0..<bytes.count, using: &generator) }
    for length in (edges + random).filter({ (0...bytes.count).contains($0) }) {
      try scene.replace(scene.interim, with: bytes[..<length])
      _ = try await scene.save()
      #expect(try scene.bytes().count == bytes.count, "cut at \(length)")
      scene.engine.change { $0.log = [] }
      #expect(try await scene.load(inFolder: true).images.map(\.name) == ["server:2", "tool:1"], "cut at \(length)")
      try FileManager.default.removeItem(atPath: scene.path)
    }
  }

  @Test func aDamagedImageOfAnInterruptedSaveIsWrittenAgain() async throws {
    let scene = try await ImageScene()
    _ = try await scene.save()
    var bytes = try scene.bytes()
    try FileManager.default.removeItem(atPath: scene.path)
    let second = scene.boundaries(of: bytes)[7]
    bytes[second + TarHeader.blockSize + 5] ^= 1
    try scene.replace(scene.interim, with: bytes)
    scene.engine.change { $0.log = [] }
    #expect(try await scene.save().images.map(\.wasThere) == [true, false])
    #expect(scene.engine.log == ["save tool:1"])
  }

  @Test func anImageThatIsAnotherOneByNowIsWrittenAgain() async throws {
    let scene = try await ImageScene()
    _ = try await scene.save()
    try FileManager.default.moveItem(atPath: scene.path, toPath: scene.interim)
    scene.engine.change {
      $0.store.images["tool:1"] = .init("sha256:c3", bytes: [1, 2, 3])
      $0.log = []
    }
    #expect(try await scene.save().images.map(\.id) == ["sha256:a1", "sha256:c3"])
    #expect(scene.engine.log == ["save tool:1"])
  }

  @Test func anInterruptedSaveOfAnotherReleaseIsNotResumed() async throws {
    let scene = try await ImageScene()
    let facts = try #require(scene.engine.world.store.images["server:2"]?.facts)
    func interrupt() async throws {
      let file = try ImageArchiveFile(scene.path, outside: ConfinedFolder(path: scene.data.lab)).open()
      let origin = ImageArchiveOrigin(
        format: 1, platform: "linux/amd64", compression: .gzip, release: "0.9.0", version: "0", createdAt: "")
      try await ImageArchiveWriter(origin, to: file, now: Timestamp(seconds: 1)).add("server:2", image: facts) {
        try $0([1])
      }
    }
    try await interrupt()
    #expect(try await scene.save().images.map(\.wasThere) == [false, false])
    #expect(try await scene.load().release == "1.0.0")
  }

  @Test func aForeignFileInThePlaceOfAnInterruptedSaveIsLeftAlone() async throws {
    let scene = try await ImageScene()
    try scene.replace(scene.interim, with: Array("my notes".utf8))
    let error = await #expect(throws: DioptraError.self) { try await scene.save() }
    #expect(error?.problem.hasSuffix("exists, and is not an interrupted save of images") == true)
    #expect(try scene.bytes(of: scene.interim) == Array("my notes".utf8))
  }

  @Test func twoSavesToOneFileDoNotMix() async throws {
    let scene = try await ImageScene()
    let folder = try ConfinedFolder(path: scene.data.lab)
    let held = try ImageArchiveFile(scene.path, outside: folder).open()
    let error = await #expect(throws: DioptraError.self) { try await scene.save() }
    #expect(error?.code == .locked)
    _ = held.descriptor
  }
}
