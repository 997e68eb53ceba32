internal import DioptraSystem
internal import Synchronization

/// What a step says: without secrets, without characters that steer a terminal, and no more than is of use.
package final class StepOutput: Sendable {
  /// Bytes that are kept of the end.
  private static let limit = 64 << 10

  private let mask: SecretMask
  private let kept = Mutex<(lines: [String], bytes: Int, dropped: Int)>(([], 0, 0))

  package init(hiding secrets: SecretValues) {
    mask = SecretMask(secrets)
  }

  /// Takes a line.
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

  /// What was kept, a note of what was not in front.
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
