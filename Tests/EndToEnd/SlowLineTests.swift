import Foundation
import Synchronization
import TestSupport
import Testing

@testable import DioptraCompose
@testable import DioptraOperations
@testable import DioptraPlatform
@testable import DioptraSystem

extension EndToEnd {
  /// Fetching from a registry that is slow, or stops in the middle. The patience is a few seconds here, and minutes in use.
  @Suite struct SlowLine {
    private static let patience = 4

    /// Fetches the image of a registry of its own.
    private func fetch(bytes: Int, rate: Int, stopAfter: Int? = nil) async throws -> (lines: [String], image: String) {
      let scratch = try Scratch()
      let registry = try await Companion(
        python: "registry.py", portFile: scratch.file("port"),
        [scratch.file("port"), String(bytes), String(rate)] + (stopAfter.map { [String($0)] } ?? []))
      defer { registry.end() }
      let image = "127.0.0.1:\(try scratch.read("port"))/slow:1"
      let words = "env DOCKER_HOST=\(Engine.environment["DOCKER_HOST"] ?? "") docker compose"
      let deployment = try RenderedFolder.deployment(["docker_compose_path": words])
      let docker = DockerCommand(DockerCommand(for: deployment), in: scratch.path)
      let engine = try #require(await DockerEngine.find(docker).engine as? DockerEngine)
      let lines = Mutex<[String]>([])
      var patience = ImageFetch.Patience()
      patience.silence = .seconds(Self.patience)
      try await ImageFetch(engine: engine, deployment: deployment, patience: patience, activity: ActivityClock()).run(
        image
      ) {
        progress in lines.withLock { $0.append("\(progress.phase) \(progress.bytes)") }
      }
      _ = try await Tool.run("docker", ["rmi", image], environment: Engine.environment)
      return (lines.withLock { $0 }, image)
    }

    @Test func aLayerThatTakesLongerThanThePatienceSurvives() async throws {
      let start = ContinuousClock.now
      let (lines, image) = try await fetch(bytes: 1_200_000, rate: 100_000)
      #expect(ContinuousClock.now - start > .seconds(2 * Self.patience))
      #expect(lines.contains { $0.hasPrefix("downloading") }, "\(image): \(lines)")
      #expect(lines.last?.hasSuffix(" 0") == false, "\(lines)")
    }

    @Test func aLineOnWhichNothingComesIsNamedAfterThePatience() async throws {
      let failure = await #expect(throws: ExecutionFailure.self) {
        _ = try await fetch(bytes: 1_200_000, rate: 100_000, stopAfter: 200_000)
      }
      #expect(failure?.cause.contains("/slow:1: ") == true, "\(failure?.cause ?? "")")
    }
  }
}
