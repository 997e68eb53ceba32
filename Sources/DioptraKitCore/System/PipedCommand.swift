internal import Glibc
internal import Subprocess
internal import SystemPackage

/// Programs of which one reads what another writes. What goes between them does not pass through this process.
extension ExternalCommand {
  /// The number of bytes of each standard error that are read.
  private static let errorLimit = 4 << 20

  /// Runs the program until it ends, and passes on what a second one makes of its output, piece by piece.
  ///
  /// - Returns: The outcomes of both, without output.
  /// - Throws: `Missing`; `CancellationError`; errors of the body, after both have ended.
  package func writing(
    through filter: ExternalCommand, eachPiece: ([UInt8]) throws -> Void
  ) async throws -> (own: Outcome, filter: Outcome) {
    let pipe = try Self.pipe()
    async let own = run(writingTo: pipe.write)
    var failure: (any Error)?
    let result = try await filter.finding {
      try await Subprocess.run(
        filter.configuration, input: .fileDescriptor(pipe.read, closeAfterSpawningProcess: true), output: .sequence,
        error: .string(limit: Self.errorLimit)
      ) { execution in
        failure = try await Self.pass(execution.standardOutput, to: eachPiece)
      }
    }
    if let failure { throw failure }
    return (
      try await own, Outcome(status: Self.status(result.terminationStatus), output: "", errors: result.standardError)
    )
  }

  private func run(writingTo end: FileDescriptor) async throws -> Outcome {
    let result = try await finding {
      try await Subprocess.run(
        configuration, input: .none, output: .fileDescriptor(end, closeAfterSpawningProcess: true),
        error: .string(limit: Self.errorLimit))
    }
    return Outcome(status: Self.status(result.terminationStatus), output: "", errors: result.standardError)
  }

  /// Runs the program until it ends, feeds its standard input piece by piece, and lets a second one read its output.
  ///
  /// - Parameter nextPiece: nil at the end.
  /// - Returns: The outcomes of both, without output.
  /// - Throws: `Missing`; `CancellationError`; errors of the body, after both have ended.
  package func reading(
    into reader: ExternalCommand, _ nextPiece: () throws -> [UInt8]?
  ) async throws -> (own: Outcome, reader: Outcome) {
    // A handler rather than "ignore", which the program would inherit.
    signal(SIGPIPE) { _ in }
    let pipe = try Self.pipe()
    async let other = reader.run(readingFrom: pipe.read)
    var failure: (any Error)?
    let result = try await finding {
      try await Subprocess.run(
        configuration, input: .inputWriter, output: .fileDescriptor(pipe.write, closeAfterSpawningProcess: true),
        error: .string(limit: Self.errorLimit)
      ) { execution in
        do {
          while let piece = try nextPiece() {
            do { _ = try await execution.standardInputWriter.write(piece) } catch { break }
          }
        } catch {
          failure = error
        }
        try? await execution.standardInputWriter.finish()
      }
    }
    if let failure { throw failure }
    return (
      Outcome(status: Self.status(result.terminationStatus), output: "", errors: result.standardError), try await other
    )
  }

  private func run(readingFrom end: FileDescriptor) async throws -> Outcome {
    let result = try await finding {
      try await Subprocess.run(
        configuration, input: .fileDescriptor(end, closeAfterSpawningProcess: true), output: .discarded,
        error: .string(limit: Self.errorLimit))
    }
    return Outcome(status: Self.status(result.terminationStatus), output: "", errors: result.standardError)
  }

  /// A pipe whose ends no other program inherits: it would keep the reader from seeing the end.
  private static func pipe() throws -> (read: FileDescriptor, write: FileDescriptor) {
    let ends = try FileDescriptor.pipe(options: .closeOnExec)
    return (ends.readEnd, ends.writeEnd)
  }
}
