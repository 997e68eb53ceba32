internal import Glibc
internal import Subprocess

/// Programs with more input or output than fits in memory.
extension ExternalCommand {
  /// The number of bytes of standard error that are read.
  private static let limit = 4 << 20

  /// Runs the program until it ends, and passes on its standard output piece by piece.
  ///
  /// - Returns: The outcome, without the output.
  /// - Throws: `Missing`; `CancellationError`; errors of the body, after the program has ended.
  package func writing(eachPiece: ([UInt8]) throws -> Void) async throws -> Outcome {
    var failure: (any Error)?
    let result = try await finding {
      try await Subprocess.run(configuration, input: .none, output: .sequence, error: .string(limit: Self.limit)) {
        execution in
        failure = try await Self.pass(execution.standardOutput, to: eachPiece)
      }
    }
    if let failure { throw failure }
    return Outcome(status: Self.status(result.terminationStatus), output: "", errors: result.standardError)
  }

  /// Passes on a program's output until it ends, or the body fails: then the reader is gone, which ends the program.
  ///
  /// - Returns: The error of the body.
  nonisolated(nonsending) static func pass(
    _ output: SubprocessOutputSequence, to eachPiece: ([UInt8]) throws -> Void
  ) async throws -> (any Error)? {
    for try await piece in output {
      do { try eachPiece(piece.withUnsafeBytes(Array.init)) } catch { return error }
    }
    return nil
  }

  /// Runs the program until it ends, and feeds its standard input piece by piece.
  ///
  /// A program may end before it has read everything: its status tells whether it succeeded.
  ///
  /// - Parameter nextPiece: nil at the end.
  /// - Throws: `Missing`; `CancellationError`; errors of the body, after the program has ended.
  package func reading(_ nextPiece: () throws -> [UInt8]?) async throws -> Outcome {
    // A handler rather than "ignore", which the program would inherit.
    signal(SIGPIPE) { _ in }
    var failure: (any Error)?
    let result = try await finding {
      try await Subprocess.run(
        configuration, input: .inputWriter, output: .string(limit: Self.limit), error: .string(limit: Self.limit)
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
    return Outcome(
      status: Self.status(result.terminationStatus), output: result.standardOutput, errors: result.standardError)
  }
}
