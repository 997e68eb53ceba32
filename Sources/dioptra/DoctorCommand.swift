import ArgumentParser
import DioptraKitCore

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Checks everything that the deployment needs, and says how to mend what is amiss.",
    discussion: """
      Changes nothing. The exit code is 1 when there is an error, 0 with warnings.

      EXAMPLES:
        dioptra doctor
        dioptra doctor --json
      """
  )

  @OptionGroup var options: GlobalOptions

  struct Report: Encodable {
    let level: CheckFinding.Level
    let checks: [Doctor.Diagnosis]
  }

  func run() async throws {
    let looking = try LookingView(options, withoutState: true)
    var diagnoses: [Doctor.Diagnosis] = []
    if let view = looking.view {
      let scene = try await HostScene.looking(
        at: view.deployment, on: Platforms.standard, in: view.folder, state: view.state, now: .now)
      diagnoses = await Doctor(scene).diagnoses()
    }
    try Task.checkCancellation()
    for part in [ConfigurationFile.name, "state"] {
      let findings = looking.faults.filter { $0.part == part }.map { CheckFinding.error($0.error) }
      guard !findings.isEmpty else { continue }
      diagnoses.removeAll { $0.title == part }
      diagnoses.insert(Doctor.Diagnosis(title: part, findings: findings), at: 0)
    }
    let report = Report(level: diagnoses.flatMap(\.findings).map(\.level).max() ?? .ok, checks: diagnoses)
    try options.output.result(report) { text(report) }
    if report.level == .error { throw ExitCode(DioptraError.ExitCode.failure.rawValue) }
  }

  private func text(_ report: Report) -> String {
    let output = options.output
    let width = report.checks.map(\.title.count).max() ?? 0
    return report.checks.reduce(into: "") { text, check in
      for (index, finding) in check.findings.enumerated() {
        let title = (index == 0 ? check.title : "").padded(to: width)
        text += "\(mark(finding.level, output)) \(title)  \(finding.state)\n"
        if let remedy = finding.remedy { text += "  \(String(repeating: " ", count: width))  → \(remedy.text)\n" }
      }
    }
  }

  private func mark(_ level: CheckFinding.Level, _ output: Output) -> String {
    switch level {
    case .ok: output.green("✓")
    case .warning: output.yellow("!")
    case .error: output.red("✗")
    }
  }
}
