import Synchronization
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraPlatform
@testable import DioptraSystem

/// Fetching one image over a line that fails, on an engine that is not there.
struct ImageFetchTests {
  private static let quick = ImageFetch.Patience(
    silence: .milliseconds(300), pauses: [.milliseconds(1), .milliseconds(2)], vainAttempts: 3, attempts: 5)

  private let scene: FakeDeployment
  private let reports = Reports()

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
      engine: scene.engine, deployment: scene.deployment, patience: Self.quick, activity: ActivityClock()
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
      try await fetch { _, watch in
        watch(FetchProgress(phase: .downloading, bytes: 10, total: 100))
        try await Task.sleep(for: .seconds(900))
      }
    }
    #expect(failure?.cause == "tool:1: nothing came for 0.3 s")
    #expect(failure?.remedies.count == 1)
  }

  /// The engine says something again and again, and no byte comes.
  @Test func wordsWithoutBytesAreSilence() async throws {
    await #expect(throws: ExecutionFailure.self) {
      try await fetch { _, watch in
        while true {
          watch(FetchProgress(phase: .downloading, bytes: 10, total: 100))
          try await Task.sleep(for: .milliseconds(10))
        }
      }
    }
    #expect(attempts == 1)
  }

  @Test func aSlowLineIsNoStall() async throws {
    try await fetch { _, watch in
      for bytes in 1...12 {
        watch(FetchProgress(phase: .downloading, bytes: bytes, total: 12))
        try await Task.sleep(for: .milliseconds(60))
      }
      for bytes in 1...12 {
        watch(FetchProgress(phase: .extracting, bytes: 12, total: 12, extracted: bytes))
        try await Task.sleep(for: .milliseconds(60))
      }
    }
    #expect(attempts == 1)
  }

  /// The engine fetches a few layers at once; those of one image may wait for hours while another's come.
  @Test func anImageThatWaitsForOthersHasNotStalled() async throws {
    let activity = ActivityClock()
    let others = Task {
      while !Task.isCancelled {
        activity.now()
        try await Task.sleep(for: .milliseconds(20))
      }
    }
    defer { others.cancel() }
    scene.engine.change {
      $0.registry["tool:1"] = { watch in
        watch(FetchProgress(phase: .queued))
        try await Task.sleep(for: .seconds(1))
      }
    }
    let fetch = ImageFetch(
      engine: scene.engine, deployment: scene.deployment, patience: Self.quick, activity: activity)
    try await fetch.run("tool:1") { _ in }
    others.cancel()
    scene.engine.change {
      $0.registry["tool:1"] = { watch in
        watch(FetchProgress(phase: .queued))
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
}
