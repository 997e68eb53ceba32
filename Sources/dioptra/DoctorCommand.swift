import ArgumentParser
import DioptraKitCore

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Checks everything the deployment needs, and suggests a fix for each problem.",
    discussion: """
      Read-only. The exit code is 1 if there is an error, and 0 if there are only warnings.

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
    let partial = try PartialView(options, withoutState: true)
    var diagnoses: [Doctor.Diagnosis] = []
    if let view = partial.view {
      let host = try await HostContext.looking(
        at: view.deployment, on: Platforms.standard, in: view.folder, state: view.state, now: .now)
      diagnoses = await Doctor(host).diagnoses()
    }
    try Task.checkCancellation()
    for part in [ConfigurationFile.name, "state"] {
      let findings = partial.faults.filter { $0.part == part }.map {
        CheckFinding.error($0.problem, remedy: $0.remedy)
      }
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
        text += "\(sign(finding.level, output)) \(title)  \(finding.state)\n"
        if let remedy = finding.remedy { text += "  \(String(repeating: " ", count: width))  → \(remedy)\n" }
      }
    }
  }

  private func sign(_ level: CheckFinding.Level, _ output: Output) -> String {
    switch level {
    case .ok: output.green("✓")
    case .warning: output.yellow("!")
    case .error: output.red("✗")
    }
  }
}
