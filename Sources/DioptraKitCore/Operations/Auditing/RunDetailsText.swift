internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
package import DioptraSystem

extension RunDetails {
  /// The number of trailing lines of a step's output that are shown.
  private static let lastLines = 10

  /// The run as text.
  ///
  /// - Parameters:
  /// - all: Also the content of files that were created or removed, and the full output of steps.
  package func text(now: Timestamp, all: Bool) -> String {
    let parts = [header(now: now), filesText(all: all), stepsText(all: all)]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private func header(now: Timestamp) -> String {
    var rows = [
      ("Command", run.command.onOneLine),
      ("Started", "\(HistoryTable.moment(run.startedAt, now: now)), \(run.startedAt)"),
      ("Ended", run.finishedAt.map { "\($0)\(took)" } ?? (run.outcome == nil ? "not yet" : "never")),
      ("Who", "\(run.user.onOneLine) on \(run.host.onOneLine), dioptra \(run.version)"),
      ("Outcome", run.outcome?.rawValue ?? "running"),
    ]
    if let generation = run.generation {
      rows.append(
        ("Generation", "\(generation), " + (appliedAt == nil ? "not completely applied" : "in place")))
    }
    if let components {
      rows.append(("Components", components.map { "\($0.id) from \($0.from) to \($0.to)" }.joined(separator: ", ")))
    }
    if !migrations.isEmpty { rows.append(("Migrations", migrations.joined(separator: ", "))) }
    return "Run \(run.id)\n" + rows.map { "  \($0.0.padded(to: 10))  \($0.1)\n" }.joined()
  }

  private var took: String {
    guard let end = run.finishedAt.flatMap({ Timestamp(rfc3339: $0) }), let start = Timestamp(rfc3339: run.startedAt)
    else { return "" }
    return ", after \(Duration.seconds(end.seconds - start.seconds).text)"
  }

  private func filesText(all: Bool) -> String {
    guard let changes, !changes.files.isEmpty || !putBack.isEmpty else { return "" }
    let width = changes.files.map(\.path.onOneLine.count).max() ?? 0
    var text = changes.from.map { "Files, compared with generation \($0)\n" } ?? "Files\n"
    for file in changes.files {
      let lines = file.added + file.removed == 0 ? "" : "+\(file.added) -\(file.removed)"
      let line = "  \(file.action.rawValue)  \(file.path.onOneLine.padded(to: width))  \(lines)"
      text += String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
    }
    for path in putBack { text += "  write   \(path.onOneLine)\n" }
    let shown = changes.showing { all || $0.action == .update }.text
    return shown.isEmpty ? text : text + "\n" + shown
  }

  private func stepsText(all: Bool) -> String {
    guard !steps.isEmpty else { return "" }
    return "Steps\n"
      + steps.map { step in
        let outcome = step.outcome?.rawValue ?? "running"
        let took = step.duration.map { " after \(Duration.seconds($0).text)" } ?? ""
        var text = "  \(step.id.onOneLine): \(step.title.onOneLine), \(outcome)\(took)\n"
        guard let output = step.output else {
          return text
            + (step.outcome == .interrupted || step.outcome == nil ? "" : "    (its output was pruned)\n")
        }
        let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
        let kept = all ? lines[...] : lines.suffix(Self.lastLines)
        if kept.count < lines.count {
          text += "    (\(lines.count - kept.count) earlier lines; --verbose shows them)\n"
        }
        for line in kept where !(lines.count == 1 && line.isEmpty) {
          text += "    \(String(line).withVisibleControls)\n"
        }
        return text
      }.joined()
  }
}
