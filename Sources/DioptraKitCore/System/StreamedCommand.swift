internal import Glibc
internal import Subprocess

/// Programs that are given, or give, more than fits into memory.
extension ExternalCommand {
  /// Bytes of complaints that are read.
  private static let limit = 4 << 20

  /// Runs the program to its end and hands over what it writes to its standard output, piece by piece.
  ///
  /// - Returns: The outcome, without the output.
  /// - Throws: `Missing`; `CancellationError`; what the body throws, once the program has ended.
  package func writing(eachPiece: ([UInt8]) throws -> Void) async throws -> Outcome {
    var failure: (any Error)?
    let result = try await finding {
      try await Subprocess.run(configuration, input: .none, output: .sequence, error: .string(limit: Self.limit)) {
        execution in
        for try await piece in execution.standardOutput {
          do {
            try eachPiece(piece.withUnsafeBytes(Array.init))
          } catch {
            failure = error
            // Nobody reads any more: the program ends by that.
            return
          }
        }
      }
    }
    if let failure { throw failure }
    return Outcome(status: Self.status(result.terminationStatus), output: "", errors: result.standardError)
  }

  /// Runs the program to its end and gives it, piece by piece, what it reads from its standard input.
  ///
  /// A program may end before it has read all: its status tells whether that is well.
  ///
  /// - Parameter nextPiece: nil at the end.
  /// - Throws: `Missing`; `CancellationError`; what the body throws, once the program has ended.
  package func reading(_ nextPiece: () throws -> [UInt8]?) async throws -> Outcome {
    // A handler and not "ignore", which the program would inherit.
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
