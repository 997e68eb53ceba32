internal import Subprocess
internal import SystemPackage

extension ExternalCommand {
  /// Runs the program until it ends, with an open descriptor as its standard input and output.
  ///
  /// - Returns: The exit status.
  /// - Throws: `Missing`; `CancellationError`.
  package func run(with descriptor: Int32) async throws -> Int32 {
    let both = FileDescriptor(rawValue: descriptor)
    let result = try await finding {
      try await Subprocess.run(
        configuration, input: .fileDescriptor(both, closeAfterSpawningProcess: false),
        output: .fileDescriptor(both, closeAfterSpawningProcess: false), error: .discarded)
    }
    return Self.status(result.terminationStatus)
  }
}
