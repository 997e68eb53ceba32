import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// `init-deployment.sh` alone, and what the reference did, on the same images.
  @Suite struct Standalone {
    private let stage = Stage.shared

    @Test func theScriptInitialisesASecondFolderWithBashAndDockerAlone() async throws {
      try await stage.stopped()
      let folder = try await second("script")
      let start = ContinuousClock.now
      let run = try await Tool.run(
        "\(folder)/init-deployment.sh", environment: Engine.environment.merging(["DIOPTRA_STANDALONE": "1"]) { $1 },
        in: "/")
      #expect(run.status == 0, "\(run.output.suffix(2000)) \(run.errors.suffix(2000))")
      figure("standalone script", (ContinuousClock.now - start).text)
      #expect(try await stage.leftovers() == [])
      let names = try await stage.docker("volume", "ls", "--quiet", "--filter", "name=^script_").split(separator: "\n")
      #expect(names.count == 21)
      // Where the program is installed, it does the work, and everything is as it should be already.
      let tools = URL(filePath: Tool.dioptra).deletingLastPathComponent().path()
      let path = "\(tools):\(Engine.environment["PATH"] ?? "")"
      let handed = try await Tool.run(
        "\(folder)/init-deployment.sh", environment: Engine.environment.merging(["PATH": path]) { $1 }, in: "/")
      #expect(handed.status == 0, "\(handed.errors)")
      #expect(handed.output.contains("handing over to: dioptra init"))
      #expect(handed.output.contains("Initialised."))
      try await remove("script")
    }

    @Test func theReferencesCallsAreMeasuredOnTheSameImages() async throws {
      let first = try await stage.initialized()
      try await stage.stopped()
      let folder = try await second("reference")
      let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Rigs/reference-calls.sh")
        .path()
      let start = ContinuousClock.now
      let run = try await Tool.run("bash", [script, folder], environment: Engine.environment, in: folder)
      let duration = ContinuousClock.now - start
      #expect(run.status == 0, "\(run.output.suffix(2000)) \(run.errors.suffix(2000))")
      figure("the reference's seventeen calls", duration.text)
      limit("first init / the reference's calls", first.duration / duration, atMost: 1)
      try await remove("reference")
    }

    /// A second folder with a prefix of its own.
    private func second(_ slug: String) async throws -> String {
      let folder = "\(stage.place)/\(slug)"
      try? FileManager.default.removeItem(atPath: folder)
      try await stage.removeVolumes(of: slug)
      let made = try await Tool.run(
        Tool.dioptra, ["init", folder, "--no-input", "--render-only", "--set", "project_slug=\(slug)"])
      try #require(made.succeeded, "\(made.errors)")
      return folder
    }

    private func remove(_ slug: String) async throws {
      try await stage.removeVolumes(of: slug)
      try FileManager.default.removeItem(atPath: "\(stage.place)/\(slug)")
    }
  }
}
