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
  convenience init(
    python rig: String, portFile: String, _ arguments: [String], environment: [String: String] = [:]
  ) async throws {
    try self.init("/usr/bin/env", ["python3", Self.rig(rig)] + arguments, environment: environment)
    for _ in 0..<200 where !FileManager.default.fileExists(atPath: portFile) {
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// The path of a program in `Rigs`.
  static func rig(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Rigs/\(name)").path()
  }

  deinit { end() }

  var isRunning: Bool { process.isRunning }

  /// Ends it at once.
  func end() {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}
