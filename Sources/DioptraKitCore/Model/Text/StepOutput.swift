internal import DioptraSystem
internal import Synchronization

/// A step's output: without secrets and control characters, and limited in size.
package final class StepOutput: Sendable {
  /// The number of trailing bytes that are kept.
  private static let limit = 64 << 10

  private let mask: SecretMask
  private let kept = Mutex<(lines: [String], bytes: Int, dropped: Int)>(([], 0, 0))

  package init(hiding secrets: SecretValues) {
    mask = SecretMask(secrets)
  }

  /// Adds a line.
  ///
  /// - Returns: The line as it may be shown.
  package func add(_ line: String) -> String {
    let line = shown(line)
    kept.withLock { kept in
      kept.lines.append(line)
      kept.bytes += line.utf8.count + 1
      while kept.bytes > Self.limit, kept.lines.count > 1 {
        kept.bytes -= kept.lines.removeFirst().utf8.count + 1
        kept.dropped += 1
      }
    }
    return line
  }

  /// The kept output, after a note of what was left out.
  package var text: String {
    kept.withLock { kept in
      let note = kept.dropped == 0 ? [] : ["(\(kept.dropped) lines before this were not kept)"]
      return (note + kept.lines).joined(separator: "\n")
    }
  }

  private func shown(_ line: String) -> String {
    var line = line.withoutTerminalCodes
    if line.utf8.count > Self.limit { line = String(line.prefix(1000)) + "…" }
    return mask.masked(line)
  }
}
