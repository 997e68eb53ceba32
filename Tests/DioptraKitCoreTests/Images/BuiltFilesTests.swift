import Foundation
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraPlatform
@testable import DioptraState
@testable import DioptraSystem

/// Files that one deployment's steps have built, for the initialisation of another one without a network.
struct BuiltFilesTests {
  private static let built: [Contribution] = [
    .toolImage(ToolImage("tool:1")), .builtFiles(BuiltFiles("objects", "the page", by: ["fill"])),
  ]
  private static let digest = Digest(of: "all of the objects").hexadecimal

  /// Has the archive of the files on the engine.
  private func prepare(_ scene: ImageScene, found: Bool = true) {
    scene.engine.change {
      $0.volumes = [
        PreparedFiles.volume: VolumeFacts(name: PreparedFiles.volume, owner: nil, ownInstance: nil, createdAt: nil)
      ]
      $0.answers["sha256sum"] = .init(
        outcome: ProgramOutcome(status: found ? 0 : 1, output: found ? "\(Self.digest)  /prepared/x.tar\n" : ""))
      ($0.log, $0.calls, $0.received) = ([], [], [:])
    }
  }

  private func initialize(_ scene: ImageScene) async throws {
    let target = try InitTarget(new: scene.data.other, recovering: true)
    _ = try await InitOperation(.init(target, ConfigurationFile(text: "")), in: scene.data.context).run()
  }

  @Test func whatIsBuiltIsSavedAfterTheImages() async throws {
    let scene = try await ImageScene(also: Self.built)
    let report = try await scene.save()
    #expect(report.built == ["the page"] && report.images.count == 2)
    #expect(scene.engine.log == ["save server:2", "save tool:1", "tar on box_objects (read)"])
  }

  @Test func whatIsNotBuiltHereIsNotSaved() async throws {
    let scene = try await ImageScene(also: Self.built)
    scene.engine.change { $0.volumes["box_objects"] = nil }
    let report = try await scene.save()
    #expect(report.built == [] && report.images.count == 2)
    #expect(scene.engine.log == ["save server:2", "save tool:1"])
  }

  @Test func whatIsBuiltIsKeptOnTheEngineThatLoadsIt() async throws {
    let scene = try await ImageScene(also: Self.built)
    _ = try await scene.save()
    scene.engine.change { $0.volumes = [:] }
    #expect(try await scene.load().built.map(\.isLoaded) == [true])
    #expect(scene.engine.world.received == ["bash": "all of the objects"])
    #expect(scene.engine.log.last == "bash on dioptra-prepared")
    prepare(scene)
    let again = try await scene.load(inFolder: true)
    #expect(again.built.map(\.name) == ["the page"] && again.built.map(\.isLoaded) == [false])
    #expect(scene.engine.log == ["sha256sum on dioptra-prepared (read)"])
  }

  @Test func initialisationUsesItInsteadOfBuilding() async throws {
    let scene = try await ImageScene(also: Self.built)
    prepare(scene)
    try await initialize(scene)
    #expect(!scene.engine.log.contains("begin fill"))
    #expect(scene.engine.log.contains("bash on dioptra-prepared (read), box_objects"))
    let state = try ConfinedFolder(path: scene.data.other).recordedState()
    #expect(try state.stepRecords()["fill"]?.outcome == .succeeded)
    #expect(try scene.data.outcome(in: scene.data.other) == .succeeded)
    // It counts as built, so it can be saved again.
    let saving = ImageSaving(of: try ConfinedFolder(path: scene.data.other), in: scene.data.context)
    #expect(try await saving.run(to: scene.path).built == ["the page"])
  }

  @Test func whatOtherStepsBuiltIsNotUsed() async throws {
    let scene = try await ImageScene(also: Self.built)
    prepare(scene, found: false)
    try await initialize(scene)
    #expect(scene.engine.log.contains("begin fill"))
    #expect(!scene.engine.log.contains { $0.hasPrefix("bash") })
  }

  @Test func withoutAnArchiveNothingIsRunToLookForOne() async throws {
    let scene = try await ImageScene(also: Self.built)
    scene.engine.change {
      $0.volumes = [:]
      $0.log = []
    }
    try await initialize(scene)
    #expect(scene.engine.log.contains("begin fill"))
    #expect(!scene.engine.log.contains { $0.contains("dioptra-prepared") })
  }

  @Test func filesThatCannotBePutIntoTheVolumeFailTheStep() async throws {
    let scene = try await ImageScene(also: Self.built)
    prepare(scene)
    scene.engine.change {
      $0.answers["bash"]?.outcome = ProgramOutcome(status: 2, errors: "tar: no space\n")
    }
    let error = await #expect(throws: DioptraError.self) { try await initialize(scene) }
    #expect(
      error?.problem
        == "the step fill failed: the built files cannot be put into the volume box_objects: tar: no space")
  }

  @Test(arguments: FakeEngine.Trouble.allCases)
  func whateverGoesWrongTheNextSaveAndLoadResume(trouble: FakeEngine.Trouble) async throws {
    let scene = try await ImageScene(also: Self.built)
    var call = 0
    while true {
      call += 1
      let (result, name) = await scene.data.run(with: trouble, at: call) { try await scene.save() }
      guard let name else { break }
      #expect(throws: (any Error).self, "\(trouble) of \(name)") { try result.get() }
      #expect(try !scene.files().contains("lab.images"), "\(trouble) of \(name)")
    }
    #expect(try scene.files() == ["lab.images"])
    let volumes = scene.engine.world.volumes
    call = 0
    while true {
      call += 1
      scene.forget("server:2", "tool:1")
      scene.engine.change { $0.volumes = [:] }
      let (result, name) = await scene.data.run(with: trouble, at: call) { try await scene.load() }
      guard let name else { break }
      #expect(throws: (any Error).self, "\(trouble) of \(name)") { try result.get() }
      #expect(try await scene.load().built.map(\.isLoaded) == [true], "\(trouble) of \(name)")
      #expect(scene.engine.world.received["bash"] == "all of the objects", "\(trouble) of \(name)")
    }
    #expect(call == 10)
    #expect(!volumes.isEmpty)
  }
}
