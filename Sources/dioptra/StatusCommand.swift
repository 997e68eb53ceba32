import ArgumentParser
import DioptraKitCore

struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Shows the state of the deployment on one screen.",
    discussion: """
      Read-only. `dioptra doctor` checks what the deployment needs, `dioptra steps` lists each step.

      EXAMPLES:
        dioptra status
        dioptra status --json -C /srv/dioptra
      """
  )

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let report = try await DeploymentStatus(of: options.deploymentFolder(), in: options.context())
    try options.output.result(report) { text(report) }
  }

  private func text(_ report: DeploymentStatus) -> String {
    let rows = self.rows(report)
    let width = rows.map(\.0.count).max() ?? 0
    let head = "\(options.output.bold(report.name)) in \(report.folder)\n"
    return head + rows.map { "  \($0.0.padded(to: width))  \($0.1)\n" }.joined() + lists(report)
  }

  private func rows(_ report: DeploymentStatus) -> [(String, String)] {
    let generation = report.generation.map { "generation \($0)" } ?? "not initialised yet"
    var rows = [("release", "\(report.release), \(generation), dioptra \(report.version)")]
    if let url = report.url { rows.append(("address", url)) }
    if let engine = report.engine { rows.append(("engine", engine)) }
    if let services = report.services { rows.append(("services", text(services))) }
    if let bytes = report.volumeBytes { rows.append(("volumes", ByteCount.text(bytes))) }
    if let steps = report.pendingSteps { rows.append(("steps", text(steps))) }
    let changes = report.pendingChanges.count
    let isCompared = !report.faults.contains { [ConfigurationFile.name, "files"].contains($0.part) }
    if let upgrade = report.upgrade {
      rows.append(("upgrade", "\(upgrade): dioptra upgrade --dry-run"))
    } else if isCompared {
      rows.append(("files", changes == 0 ? "up to date" : "\(changes) to change: dioptra init"))
    }
    if let drift = report.drift {
      let count = drift == 1 ? "1 difference" : "\(drift) differences"
      rows.append(("drift", drift == 0 ? "none" : "\(count): dioptra drift"))
    }
    if let run = report.lastRun { rows.append(("last run", text(run))) }
    if let backup = report.backup {
      let moment = Timestamp(rfc3339: backup.finishedAt)?.text(before: .now) ?? backup.finishedAt
      rows.append(("backup", "\(moment), \(backup.path)"))
    }
    let off = report.disabledComponents.isEmpty ? "" : "; off: \(report.disabledComponents.joined(separator: ", "))"
    rows.append(("components", "\(report.components.count) on\(off)"))
    rows += report.faults.map { ($0.part, "\(options.output.red("✗")) \($0.error.problem). \($0.error.remedy)") }
    for check in report.checks {
      rows += check.findings.map { finding in
        (check.title, finding.state + (finding.remedy.map { ". \($0.text)" } ?? ""))
      }
    }
    return rows
  }

  private func text(_ run: HistoryRun) -> String {
    let start = Timestamp(rfc3339: run.startedAt)?.text(before: .now) ?? run.startedAt
    return "\(run.id), \(run.command), \(start), \(run.outcome?.rawValue ?? "running")"
  }

  private func text(_ services: [DeploymentStatus.Service]) -> String {
    let running = services.filter { $0.state != "absent" }
    guard !running.isEmpty else { return "stopped" }
    let unwell = services.filter { !($0.state == "running" && ($0.health.isEmpty || $0.health == "healthy")) }
    let list = unwell.map { "\($0.service) is \($0.health.isEmpty ? $0.state : $0.health)" }
    return "\(services.count - unwell.count) of \(services.count) healthy" + (list.isEmpty ? "" : "; ")
      + list.joined(separator: ", ")
  }

  private func text(_ steps: [DeploymentStatus.Step]) -> String {
    guard let first = steps.first else { return "all have run" }
    let more = steps.count == 1 ? "" : ", and \(steps.count - 1) more: dioptra steps"
    return "\(steps.count == 1 ? "1 is" : "\(steps.count) are") due: \(first.title) (\(first.reason))\(more)"
  }

  private func lists(_ report: DeploymentStatus) -> String {
    var lines: [String] = []
    if report.unfinished { lines.append("An earlier command was interrupted; run `dioptra init` to complete it.") }
    if !report.pendingChanges.isEmpty {
      lines.append("`dioptra init` would change:")
      lines += report.pendingChanges.map { "  \($0.action.rawValue.padded(to: 8))  \($0.path)" }
    }
    if !report.marked.isEmpty {
      lines += ["With unresolved conflict markers:"] + report.marked.map { "  \($0)" }
    }
    if !report.kept.isEmpty { lines += ["Your edits, kept:"] + report.kept.map { "  \($0)" } }
    return lines.map { $0 + "\n" }.joined()
  }
}
