internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraSystem
internal import Synchronization

/// Pulls images, a few at a time.
///
/// A pull may take hours on a slow connection: there is no deadline, but a pull without progress for a while has
/// stalled. Docker's client shows progress only on a terminal; elsewhere a layer that takes an hour is an hour of
/// silence.
struct ImagePull: Sendable {
  let engine: DockerEngine
  /// Explains which choice led to an image that cannot be pulled.
  var deployment: Deployment?
  /// Seconds without progress, in downloading or extracting, after which a pull has stalled.
  var patience = 300
  private static let atOnce = 3

  /// - Throws: `ExecutionFailure` that names the image.
  func run(images: [String], eachLine: @escaping @Sendable (String) -> Void) async throws {
    let missing = try await engine.missing(images)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (index, image) in missing.enumerated() {
        if index >= Self.atOnce { try await group.next() }
        group.addTask { try await pull(image, eachLine) }
      }
      try await group.waitForAll()
    }
  }

  private func pull(_ image: String, _ eachLine: @escaping @Sendable (String) -> Void) async throws {
    let heard = ActivityClock()
    eachLine("\(image): fetching")
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        let progress = Mutex(PullProgress())
        let status = try await engine.docker("pull", names: [image]).runOnTerminal { piece in
          heard.now()
          for line in progress.withLock({ $0.lines(of: piece) }) { eachLine("\(image): \(line)") }
        }
        for line in progress.withLock({ $0.end() }) { eachLine("\(image): \(line)") }
        guard status == 0 else {
          throw ExecutionFailure(
            cause: "\(image) cannot be fetched" + (deployment.map { "; \($0.advice(onMissing: image))" } ?? ""))
        }
      }
      group.addTask {
        while heard.seconds < patience { try await Task.sleep(for: .seconds(1)) }
        throw ExecutionFailure(cause: "\(image): nothing came for \(patience) seconds")
      }
      defer { group.cancelAll() }
      try await group.next()
    }
  }
}
