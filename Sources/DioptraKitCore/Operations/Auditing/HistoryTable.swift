internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
package import DioptraSystem

/// Runs as rows of a table.
package struct HistoryTable: Sendable {
  package static let header = ["RUN", "WHEN", "WHO", "COMMAND", "OUTCOME", "GENERATION", "CHANGED"]

  package let rows: [[String]]

  /// - Parameters:
  /// - now: The reference for relative times.
  /// - width: The maximum length of a command; longer ones are cut.
  package init(_ runs: [HistoryRun], now: Timestamp, width: Int = 60) {
    rows = runs.map { run in
      [
        String(run.id), Self.moment(run.startedAt, now: now), run.user.onOneLine,
        Self.cut(run.command.onOneLine, to: width), run.outcome?.rawValue ?? "running",
        run.generation.map { String($0) } ?? "", run.changes,
      ]
    }
  }

  /// A moment as text; unparsable text unchanged.
  static func moment(_ text: String, now: Timestamp) -> String {
    Timestamp(rfc3339: text)?.text(before: now) ?? text.onOneLine
  }

  private static func cut(_ text: String, to width: Int) -> String {
    guard text.utf8.count > width, text.count > width else { return text }
    return text.prefix(width - 1) + "…"
  }
}
