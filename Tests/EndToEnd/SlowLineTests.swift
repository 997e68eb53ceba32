import Foundation
import Synchronization
import TestSupport
import Testing

@testable import DioptraCompose
@testable import DioptraOperations
@testable import DioptraPlatform
@testable import DioptraSystem

extension EndToEnd {
  /// Fetching over a line that is slow, breaks, or goes dead. The patience is a few seconds here, and minutes in use.
  @Suite struct SlowLine {
    private static let patience = ImageFetch.Patience(silence: .seconds(4), pauses: [.seconds(1)], vainAttempts: 3)

    private final class Reports: Sendable {
      let all = Mutex<[FetchProgress]>([])
    }

    /// Fetches images of a registry at the same time.
    ///
    /// - Returns: All reports.
    @discardableResult
    private func fetch(
      _ images: String..., from registry: Registry, patience: ImageFetch.Patience = patience
    ) async throws -> [FetchProgress] {
      let scratch = try Scratch()
      let words = "env DOCKER_HOST=\(Engine.environment["DOCKER_HOST"] ?? "") docker compose"
      let names = images.map { "\(registry.address)/\($0)" }
      let deployment = try RenderedFolder.deployment(["docker_compose_path": words, "redis_image": names[0]])
      let docker = DockerCommand(DockerCommand(for: deployment), in: scratch.path)
      let engine = try #require(await DockerEngine.find(docker).engine as? DockerEngine)
      let reports = Reports()
      let fetch = ImageFetch(engine: engine, deployment: deployment, patience: patience, activity: ActivityClock())
      defer { registry.end() }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for name in names {
          group.addTask { try await fetch.run(name) { report in reports.all.withLock { $0.append(report) } } }
        }
        try await group.waitForAll()
      }
      _ = try await Tool.run("docker", ["rmi"] + names, environment: Engine.environment)
      return reports.all.withLock { $0 }
    }

    @Test func aLayerThatTakesLongerThanThePatienceSurvives() async throws {
      let start = ContinuousClock.now
      let registry = try await Registry.start(
        Registry.Settings(images: ["slow:1": Registry.Image(layers: [1_200_000])], rate: 100_000))
      let reports = try await fetch("slow:1", from: registry)
      #expect(ContinuousClock.now - start > .seconds(10))
      let sizes = reports.filter { $0.phase == .downloading }.map(\.bytes)
      #expect(sizes == sizes.sorted() && Set(sizes).count > 10)
      #expect(reports.contains { $0.total ?? 0 > 1_200_000 && $0.total ?? 0 < 1_201_000 })
    }

    @Test(.enabled(if: Thorough.isOn, "seven minutes: run `make e2e-all`"))
    func soDoesOneThatTakesLongerThanThePatienceInUse() async throws {
      let start = ContinuousClock.now
      let registry = try await Registry.start(
        Registry.Settings(images: ["slow:1": Registry.Image(layers: [40_000_000])], rate: 100_000))
      try await fetch("slow:1", from: registry, patience: ImageFetch.Patience())
      #expect(ContinuousClock.now - start > .seconds(390))
    }

    @Test func aConnectionThatIsCutFiveTimesSurvives() async throws {
      let cuts = Registry.Fault(path: "/blobs/", cutAfter: 100_000, times: 6)
      let registry = try await Registry.start(
        Registry.Settings(
          images: ["cut:1": Registry.Image(layers: [400_000, 400_000, 400_000])], rate: 600_000, faults: [cuts]))
      let reports = try await fetch("cut:1", from: registry, patience: ImageFetch.Patience(silence: .seconds(60)))
      // What had come before a cut is not sent again: one of the six was the image's configuration, which is small.
      let pieces = try registry.answers().filter { $0.path.contains("/blobs/") }
      #expect(pieces.count(where: { $0.range != nil }) == 5, "\(pieces)")
      #expect(pieces.reduce(0) { $0 + $1.bytes } < 1_210_000)
      #expect(reports.contains { $0.note != nil })
      #expect(reports.map(\.bytes).max() ?? 0 < 1_210_000)
    }

    @Test(.enabled(if: Thorough.isOn, "two minutes: run `make e2e-all`"))
    func soDoesOneThatIsCutMoreOftenThanTheEngineTries() async throws {
      // The engine tries six times. What it has of the image is lost then, and the program asks again.
      let cuts = Registry.Fault(path: "/blobs/", cutAfter: 100_000, times: 8)
      let registry = try await Registry.start(
        Registry.Settings(images: ["cut:1": Registry.Image(layers: [1_200_000])], rate: 600_000, faults: [cuts]))
      let reports = try await fetch("cut:1", from: registry, patience: ImageFetch.Patience(silence: .seconds(60)))
      #expect(reports.contains { $0.note?.contains("trying again") == true })
    }

    @Test func aLineOnWhichNothingComesIsNamedAfterThePatience() async throws {
      let stall = Registry.Fault(path: "/blobs/", stallAfter: 200_000)
      let registry = try await Registry.start(
        Registry.Settings(
          images: ["dead:1": Registry.Image(layers: [1_200_000])], rate: 400_000, faults: [stall]))
      let start = ContinuousClock.now
      let failure = await #expect(throws: ExecutionFailure.self) {
        try await fetch("dead:1", from: registry)
      }
      #expect(failure?.cause.contains("/dead:1: nothing came for 4") == true, "\(failure?.cause ?? "")")
      #expect(ContinuousClock.now - start < .seconds(15))
    }

    @Test func soIsARegistryThatDoesNotAnswer() async throws {
      let registry = try await Registry.start(
        Registry.Settings(images: ["dumb:1": Registry.Image(layers: [1000])], latency: 30))
      let failure = await #expect(throws: ExecutionFailure.self) {
        try await fetch("dumb:1", from: registry)
      }
      #expect(failure?.cause.contains("/dumb:1: nothing came for 4") == true, "\(failure?.cause ?? "")")
    }

    @Test func anImageThatWaitsForTheLayersOfAnotherHasNotStalled() async throws {
      // An engine fetches three layers at once, whatever image they belong to.
      let registry = try await Registry.start(
        Registry.Settings(
          images: [
            "large:1": Registry.Image(layers: [600_000, 600_000, 600_000, 600_000]),
            "small:1": Registry.Image(layers: [10_000, 10_000]),
          ], rate: 240_000))
      try await fetch("large:1", "small:1", from: registry)
    }

    @Test func aRegistryThatStaysBrokenIsNamedAfterSomeAttempts() async throws {
      let fault = Registry.Fault(path: "/manifests/", status: 500)
      let registry = try await Registry.start(
        Registry.Settings(images: ["broken:1": Registry.Image(layers: [1000])], faults: [fault]))
      let failure = await #expect(throws: ExecutionFailure.self) {
        try await fetch("broken:1", from: registry)
      }
      #expect(failure?.cause.contains("/broken:1") == true && failure?.cause.contains("500") == true)
      #expect(failure?.remedies.isEmpty == false)
      // The engine asks twice in each attempt.
      #expect(try registry.answers().count { $0.path.contains("/manifests/") } == 6)
    }
  }
}
