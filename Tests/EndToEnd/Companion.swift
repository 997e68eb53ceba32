import Foundation

/// A program that runs beside a test until the test ends it.
final class Companion {
  private let process = Process()

  init(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws {
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
  }

  /// A server of the tests, ready when it has written its port into a file.
  convenience init(python rig: String, portFile: String, _ arguments: [String]) async throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Rigs/\(rig)").path()
    try self.init("/usr/bin/env", ["python3", path] + arguments)
    for _ in 0..<200 where !FileManager.default.fileExists(atPath: portFile) {
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  deinit { end() }

  /// Ends it at once.
  func end() {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}
