import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// Images that go to a file and come back.
  @Suite(.enabled(if: Thorough.isOn, "seven minutes: run `make e2e-all`")) struct SavingImages {
    private let stage = Stage.shared

    @Test func anImageThatIsGoneComesBackFromTheFileWithItsId() async throws {
      try await stage.stopped()
      let scratch = try Scratch()
      let file = scratch.file("lab.images")
      let start = ContinuousClock.now
      try await stage.dioptra("images", "save", file)
      figure("images saved to a file", (ContinuousClock.now - start).text)
      try await stage.dioptra("images", "save", file, status: 1)

      let listed = try await images("list")
      let sizes = listed.compactMap { image in (image["bytes"] as? Int).map { (image, $0) } }
      let smallest = try #require(sizes.min { $0.1 < $1.1 }?.0)
      let name = try #require(smallest["name"] as? String)
      let id = try #require(smallest["id"] as? String)
      // Other tests need the image, whatever becomes of this one.
      let kept = "dioptra-test-kept:1"
      try await stage.docker("image", "tag", name, kept)
      do {
        try await stage.docker("image", "rm", name)
        let loaded = try await images("load", file).filter { $0["loaded"] as? Bool == true }
        #expect(loaded.compactMap { $0["name"] as? String } == [name])
        #expect(try await stage.docker("image", "inspect", "--format", "{{.Id}}", name) == "\(id)\n")
        #expect(try await images("load", file).allSatisfy { $0["loaded"] as? Bool == false })
        let prepared = try await stage.dioptra("images", "load", file, "--json")
        #expect(prepared.output.contains("\"name\" : \"the front end\""))
        try await stage.dioptra("images", "verify", file)
      } catch {
        try await stage.docker("image", "tag", kept, name)
        _ = try? await stage.docker("volume", "rm", "--force", "dioptra-prepared")
        throw error
      }
      try await stage.docker("image", "rm", kept)
      // Other tests build the front end themselves.
      try await stage.docker("volume", "rm", "dioptra-prepared")
    }

    private func images(_ arguments: String...) async throws -> [[String: Any]] {
      let outcome = try await Tool.run(
        Tool.dioptra, ["images"] + arguments + ["--json"], environment: Engine.environment, in: stage.folder)
      try #require(outcome.succeeded, "\(outcome.errors)")
      let report = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
      return try #require(report?["images"] as? [[String: Any]])
    }
  }
}
