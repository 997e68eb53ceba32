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

  func run() async throws {
    let report = try await Doctor.report(on: options.deploymentFolder(), in: options.context())
    try options.output.result(report) { text(report) }
    if report.level == .error { throw ExitCode(DioptraError.ExitCode.failure.rawValue) }
  }

  private func text(_ report: Doctor.Report) -> String {
    let output = options.output
    let width = report.checks.map(\.title.count).max() ?? 0
    return report.checks.reduce(into: "") { text, check in
      for (index, finding) in check.findings.enumerated() {
        let title = (index == 0 ? check.title : "").padded(to: width)
        text += "\(sign(finding.level, output)) \(title)  \(finding.state)\n"
        if let remedy = finding.remedy { text += "  \(String(repeating: " ", count: width))  → \(remedy.text)\n" }
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
