import DioptraKitCore

/// The differences, as text and as JSON.
struct DriftReport: Encodable {
  /// What was accepted or restored.
  struct Changes {
    var accepted: [String] = []
    var repaired: [DriftRepair.Entry] = []

    var isEmpty: Bool { accepted.isEmpty && repaired.isEmpty }
  }

  let folder: String
  /// Findings of others, such as those of the engine, are appended to these.
  var findings: [DriftFinding]
  /// nil for a read-only command.
  let changes: Changes?

  var clean: Bool { findings.isEmpty }

  enum CodingKeys: CodingKey {
    case clean, findings, accepted, repaired
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(clean, forKey: .clean)
    try container.encode(findings, forKey: .findings)
    guard let changes else { return }
    try container.encode(changes.accepted, forKey: .accepted)
    try container.encode(changes.repaired, forKey: .repaired)
  }

  func show(_ output: Output) throws {
    try output.result(self) { text(output) }
  }

  func text(_ output: Output) -> String {
    let done =
      (changes?.accepted ?? []).map { "accepted  \($0.onOneLine)\n" }.joined()
      + (changes?.repaired ?? []).map { "\($0.action.past)  \($0.shownPath.onOneLine)\n" }.joined()
    let head = done.isEmpty ? "" : done + "\n"
    guard !clean else { return head + "\(folder): as recorded.\n" }
    let count = findings.count == 1 ? "1 difference" : "\(findings.count) differences"
    let verb = changes?.isEmpty == false ? (findings.count == 1 ? " remains" : " remain") : " from what was recorded"
    let sorted = findings.enumerated().sorted { ($0.element.kind.rank, $0.offset) < ($1.element.kind.rank, $1.offset) }
    let rows = sorted.map(\.element).map { finding in
      [
        finding.kind.rawValue, finding.path, finding.component.rawValue, finding.detail ?? "",
        finding.remedy.commandLine,
      ]
    }
    let table = output.table(["KIND", "PATH", "COMPONENT", "WHAT", "REMEDY"], rows.map { $0.map(\.onOneLine) })
    let diffs = sorted.map(\.element).compactMap(\.diff).map { "\n" + Self.colored($0, output) }.joined()
    return head + "\(folder): \(count)\(verb).\n\n\(table)\(diffs)\(hints)"
  }

  private var hints: String {
    guard findings.contains(where: { [.edited, .extra, .mode, .secret].contains($0.kind) }) else { return "" }
    let ended = findings.count { $0.isOfLineEnds }
    let ends =
      ended < 2
      ? ""
      : """

      In \(ended) files only the line endings differ, as after a clone with core.autocrlf. `dioptra drift --repair` \
      restores \(ended == findings.count ? "them all" : "them, with all other files").

      """
    return ends + """

      Use --diff to see the changes, --accept PATH to keep them, --repair PATH to undo them.

      """
  }

  /// What a repair will do.
  static func preview(of repair: DriftRepair, _ findings: [DriftFinding], _ output: Output) -> String {
    let steps = repair.entries.map { "  \($0.action.rawValue.padded(to: 7))  \($0.shownPath.onOneLine)" }
    let diffs = findings.compactMap(\.diff).map { "\n" + colored($0, output) }.joined()
    return (["To be restored as recorded; the present files are kept in .dioptra/kept/:"] + steps).joined(
      separator: "\n")
      + "\n" + diffs
  }

  private static func colored(_ diff: String, _ output: Output) -> String {
    diff.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      if line.hasPrefix("+++ ") || line.hasPrefix("--- ") { return output.bold(String(line)) }
      if line.hasPrefix("+") { return output.green(String(line)) }
      return line.hasPrefix("-") ? output.red(String(line)) : String(line)
    }.joined(separator: "\n")
  }
}

extension DriftRepair.Entry.Action {
  fileprivate var past: String {
    switch self {
    case .restore: "restored"
    case .remove: "removed "
    }
  }
}
