import Synchronization
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraPlatform
@testable import DioptraSystem

/// Fetching one image over a line that fails, on an engine that is not there.
struct ImageFetchTests {
  private static let quick = ImageFetch.Patience(
    silence: .seconds(300), pauses: [.zero], vainAttempts: 3, attempts: 5)

  private let scene: FakeDeployment
  private let reports = Reports()
  private let time = VirtualTime()

  private final class Reports: Sendable {
    let all = Mutex<[FetchProgress]>([])
  }

  init() throws { scene = try FakeDeployment([]) }

  /// - Parameter registry: What happens at each attempt, counted from 1.
  private func fetch(
    _ registry: @escaping @Sendable (Int, @Sendable (FetchProgress) -> Void) async throws -> Void
  ) async throws {
    let attempts = Mutex(0)
    scene.engine.change {
      $0.registry["tool:1"] = { watch in
        let number = attempts.withLock { number in
          number += 1
          return number
        }
        try await registry(number, watch)
      }
    }
    try await ImageFetch(
      engine: scene.engine, deployment: scene.deployment, patience: Self.quick, activity: ActivityClock(time.passing)
    ).run("tool:1") { [reports] report in reports.all.withLock { $0.append(report) } }
  }

  private var attempts: Int { scene.engine.log.count { $0 == "begin fetch tool:1" } }

  @Test func anImageThatComesIsReportedByteByByte() async throws {
    try await fetch { _, watch in
      for bytes in [0, 50, 100] { watch(FetchProgress(phase: .downloading, bytes: bytes, total: 100)) }
    }
    #expect(reports.all.withLock { $0.map(\.bytes) } == [0, 50, 100])
  }

  @Test func aBrokenConnectionIsTriedAgainAndSaysSo() async throws {
    try await fetch { attempt, watch in
      watch(FetchProgress(phase: .downloading, bytes: attempt, total: 100))
      if attempt < 5 { throw FetchFailure.interrupted("unexpected EOF") }
    }
    #expect(attempts == 5)
    let notes = reports.all.withLock { $0.compactMap(\.note) }
    #expect(notes.count == 4 && notes.allSatisfy { $0.hasPrefix("unexpected EOF; trying again in ") })
  }

  @Test func attemptsThatBringNothingEnd() async throws {
    let failure = await #expect(throws: ExecutionFailure.self) {
      try await fetch { _, _ in throw FetchFailure.interrupted("connection refused") }
    }
    #expect(failure?.cause == "tool:1 cannot be fetched: connection refused")
    #expect(attempts == Self.quick.vainAttempts)
  }

  @Test func attemptsThatNeverCompleteALayerEnd() async throws {
    await #expect(throws: ExecutionFailure.self) {
      try await fetch { _, watch in
        watch(FetchProgress(phase: .downloading, bytes: 10, total: 100))
        throw FetchFailure.interrupted("unexpected EOF")
      }
    }
    #expect(attempts == Self.quick.attempts)
  }

  @Test(arguments: [
    FetchFailure.missing, .loginNeeded, .rateLimited, .spaceInsufficient, .otherArchitecture, .untrusted,
    .refused("no reason"),
  ])
  func whatWillNotPassIsNotTriedAgainAndHasARemedy(failure: FetchFailure) async throws {
    let thrown = await #expect(throws: ExecutionFailure.self) { try await fetch { _, _ in throw failure } }
    #expect(attempts == 1)
    #expect(thrown?.cause.contains("tool:1") == true)
    if case .refused = failure { return }
    #expect(thrown?.remedies.isEmpty == false)
  }

  @Test func silenceIsAStall() async throws {
    let failure = await #expect(throws: ExecutionFailure.self) {
      try await fetch { [time] _, watch in
        watch(FetchProgress(phase: .downloading, bytes: 10, total: 100))
        time.advance(301)
        try await Task.sleep(for: .seconds(900))
      }
    }
    #expect(failure?.cause == "tool:1: nothing came for 5 min 0 s")
    #expect(failure?.remedies.count == 1)
  }

  /// The engine says something again and again, and no byte comes.
  @Test func wordsWithoutBytesAreSilence() async throws {
    await #expect(throws: ExecutionFailure.self) {
      try await fetch { [time] _, watch in
        while true {
          watch(FetchProgress(phase: .downloading, bytes: 10, total: 100))
          time.advance(30)
          try await Task.sleep(for: .milliseconds(1))
        }
      }
    }
    #expect(attempts == 1)
  }

  @Test func aSlowLineIsNoStall() async throws {
    try await fetch { [time] _, watch in
      for bytes in 1...12 {
        time.advance(250)
        watch(FetchProgress(phase: .downloading, bytes: bytes, total: 12))
      }
      for bytes in 1...12 {
        time.advance(250)
        watch(FetchProgress(phase: .extracting, bytes: 12, total: 12, extracted: bytes))
        try await Task.sleep(for: .milliseconds(1))
      }
    }
    #expect(attempts == 1)
  }

  /// The engine fetches a few layers at once; those of one image may wait for hours while another's come.
  @Test func anImageThatWaitsForOthersHasNotStalled() async throws {
    let activity = ActivityClock(time.passing)
    scene.engine.change {
      $0.registry["tool:1"] = { [time] watch in
        watch(FetchProgress(phase: .queued))
        for _ in 1...10 {
          time.advance(200)
          activity.now()
          try await Task.sleep(for: .milliseconds(1))
        }
      }
    }
    let fetch = ImageFetch(engine: scene.engine, deployment: scene.deployment, patience: Self.quick, activity: activity)
    try await fetch.run("tool:1") { _ in }
    scene.engine.change {
      $0.registry["tool:1"] = { [time] watch in
        watch(FetchProgress(phase: .queued))
        time.advance(301)
        try await Task.sleep(for: .seconds(900))
      }
    }
    await #expect(throws: ExecutionFailure.self) { try await fetch.run("tool:1") { _ in } }
  }

  @Test func cancellationEndsItAtOnce() async throws {
    let engine = scene.engine
    engine.change {
      $0.registry["tool:1"] = { _ in
        engine.note("it comes")
        try await Task.sleep(for: .seconds(900))
      }
    }
    let fetch = ImageFetch(engine: engine, deployment: scene.deployment, activity: ActivityClock())
    let task = Task { try await fetch.run("tool:1") { _ in } }
    try await engine.wait(for: "it comes")
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func whatToDoNamesTheVariablesThatChoseTheImageAndItsMirror() throws {
    func remedies(_ image: String, _ values: [String: String] = [:]) throws -> [String] {
      let deployment = try RenderedFolder.deployment(values)
      return FetchProblem.failed(.missing).explained(image, deployment, scene.engine).remedies.map(\.text)
    }
    #expect(
      try remedies("redis:7.2.6").dropLast() == [
        "Choose another image with `dioptra config set redis_image=…`",
        "Fetch it from a mirror with `dioptra config set registry_mirrors=docker.io=MIRROR`",
      ])
    #expect(
      try remedies("mirror.example/hub/library/redis:7.2.6", ["registry_mirrors": "docker.io=mirror.example/hub"])[1]
        == "Correct its mirror with `dioptra config set registry_mirrors=…`")
  }
}

/// Time that passes only when a test says so.
private final class VirtualTime: Sendable {
  private let start = ContinuousClock.now
  private let elapsed = Mutex(Duration.zero)

  func advance(_ seconds: Int) { elapsed.withLock { $0 += .seconds(seconds) } }

  var passing: PassingTime {
    PassingTime(
      now: { [self] in start + elapsed.withLock { $0 } },
      sleep: { [self] duration in
        let end = elapsed.withLock { $0 } + duration
        while elapsed.withLock({ $0 }) < end { try await Task.sleep(for: .milliseconds(1)) }
      })
  }
}
