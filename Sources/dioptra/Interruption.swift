import Dispatch
import Glibc

/// What a person's Ctrl-C and the system's request to end do to a command that has begun something.
enum Interruption {
  /// Runs a body whose task is cancelled when this process is asked to end; the body cleans up and returns.
  static func cancelling(_ body: sending @escaping () async throws -> Void) async throws {
    let task = Task { try await body() }
    let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { task.cancel() }
      source.resume()
      return source
    }
    defer { sources.forEach { $0.cancel() } }
    try await task.value
  }
}
