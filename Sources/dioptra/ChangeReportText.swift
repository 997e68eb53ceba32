import DioptraKitCore

/// The report of an upgrade or a rollback as text: the differences, their consequences, then a summary.
struct ChangeReportText {
  let report: ChangeReport
  let output: Output

  var text: String {
    guard report.isSomethingToDo || !report.conflicts.isEmpty else {
      return "\(report.folder): nothing to do\(report.to.release.isEmpty ? "" : ", release \(report.to.release)")."
    }
    let parts = [
      files, conflicts, marked, kept, components, migrations, barriers, names, containers, steps, notes, [sum],
    ]
    return parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
  }

  private var files: [String] {
    report.changes.flatMap { change in
      ["  \(change.action.rawValue.padded(to: 6))  \(change.path)"]
        + (change.diff.map { $0.split(separator: "\n").dropFirst(2).map { "      \(colored(String($0)))" } } ?? [])
    }
  }

  private func colored(_ line: String) -> String {
    switch line.first {
    case "+": output.green(line)
    case "-": output.red(line)
    default: output.dim(line)
    }
  }

  private var conflicts: [String] {
    section("Conflicts; resolve each with --resolve PATH=ours, =theirs or =FILE:") {
      report.conflicts.map { "  \($0.path): \($0.reason ?? "")" }
    }
  }

  private var marked: [String] {
    section("These files contain conflict markers. Resolve them before you start the deployment:") {
      report.conflicts.isEmpty ? report.marked.map { "  \($0)" } : []
    }
  }

  private var kept: [String] {
    section("Your edits, kept:") { report.kept.map { "  \($0)" } }
  }

  private var components: [String] {
    let after = report.to.components ?? [:]
    return section("Components:") {
      (report.from.components ?? [:]).sorted { $0.key < $1.key }.map { id, version in
        "  \(id): version \(version) \(report.isDryRun ? "to become" : "became") \(after[id] ?? version)"
      }
    }
  }

  private var migrations: [String] {
    section("Migrations:") {
      report.migrations.flatMap { migration in
        let way = migration.reversible ? "reversible" : "one way"
        let need = migration.allowed ? "" : " Needs a backup or --allow-one-way."
        return ["  \(migration.id) (\(migration.version), \(way)): \(migration.summary)\(need)"]
          + migration.notes.map { "      \($0)" }
      }
    }
  }

  private var barriers: [String] {
    section("Blocking the rollback; override each with --allow:") {
      report.barriers.map { "  \($0.id): \($0.danger)" }
    }
  }

  private var names: [String] {
    let variables = report.details.variables.map { change in
      "  \(change.change.rawValue.padded(to: 7))  \(change.name) in dioptra.yaml"
        + (change.to.map { " to \($0)" } ?? "")
    }
    let settings = report.details.settings.map { change in
      "  \(change.change.rawValue.padded(to: 7))  \(change.name) in \(change.path)"
        + (change.to.map { " to \($0)" } ?? "")
    }
    return section("Variables and environment:") { variables + settings }
      + section(report.secrets.isEmpty ? "" : "\nSecrets that are generated:") { report.secrets.map { "  \($0)" } }
  }

  private var containers: [String] {
    let details = report.details
    return section("Containers at the next start:") {
      [("recreated", details.recreated), ("new", details.newServices), ("removed", details.goneServices)].filter {
        !$0.1.isEmpty
      }
      .map { "  \($0.0.padded(to: 9))  \($0.1.joined(separator: ", "))" }
    }
  }

  private var steps: [String] {
    guard report.isDryRun || output.isVerbose else { return [] }
    guard report.isPlanned else {
      return report.isDryRun
        ? ["These files belong to another version of dioptra; this one cannot run their steps."] : []
    }
    return section("Steps:") { report.steps.map { "  \($0.title): \($0.reason)" } }
      + (report.withoutEngine.map { ["There may be more steps: \($0)."] } ?? [])
  }

  private var notes: [String] {
    section("Review:") { report.notes.map { "  \($0)" } }
  }

  private var sum: String {
    let count = report.changes.count
    if count == 0, report.migrations.isEmpty, report.from.components == nil, report.from.release == report.to.release {
      let steps = report.steps.count == 1 ? "1 step is due" : "\(report.steps.count) steps are due"
      return "\(report.folder): no file to change, \(steps)."
    }
    let files = count == 1 ? "1 file" : "\(count) files"
    let release =
      report.from.release == report.to.release
      ? "" : ", release \(report.from.release) -> \(report.to.release)"
    let back = report.to.generation.map { " to generation \($0)" } ?? ""
    let verb = report.to.generation == nil ? ("to update", "updated") : ("to restore", "restored")
    return "\(report.folder): \(files) \(report.isDryRun ? verb.0 : verb.1)\(back)\(release)."
  }

  private func section(_ title: String, _ lines: () -> [String]) -> [String] {
    let lines = lines()
    return lines.isEmpty ? [] : (title.isEmpty ? [] : [title]) + lines
  }
}
