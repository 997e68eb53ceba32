internal import DioptraSystem
internal import Synchronization

/// Makes lines of a program's output, which comes in pieces.
final class OutputLines: Sendable {
  private struct Rest {
    var output: [UInt8] = []
    var errors: [UInt8] = []
  }

  private let rest = Mutex(Rest())
  private let eachLine: @Sendable (String) -> Void

  init(_ eachLine: @escaping @Sendable (String) -> Void) {
    self.eachLine = eachLine
  }

  func add(_ frame: StreamFrames.Frame) {
    let lines = rest.withLock { rest in
      frame.isError
        ? Self.lines(of: frame.bytes, after: &rest.errors) : Self.lines(of: frame.bytes, after: &rest.output)
    }
    for line in lines { eachLine(line) }
  }

  /// Passes on what was written after the last line.
  func end() {
    for line in rest.withLock({ [$0.output, $0.errors] }) where !line.isEmpty { eachLine(Self.text(line)) }
  }

  private static func lines(of bytes: [UInt8], after rest: inout [UInt8]) -> [String] {
    var pieces = (rest + bytes).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    rest = Array(pieces.removeLast())
    return pieces.map { text(Array($0)) }.filter { !$0.isEmpty }
  }

  private static func text(_ line: [UInt8]) -> String {
    String(String(decoding: line, as: UTF8.self).trimming("\r"))
  }
}
