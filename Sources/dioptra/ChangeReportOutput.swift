import ArgumentParser
import DioptraKitCore

extension ChangeReport {
  /// Shows the report and exits with the code of a dry run.
  func finishDryRun(_ output: Output) throws {
    try show(output)
    if !conflicts.isEmpty { throw ExitCode(DioptraError.ExitCode.conflicts.rawValue) }
    if isSomethingToDo { throw ExitCode(DioptraError.ExitCode.differences.rawValue) }
  }

  /// Shows the report at the end; the text was already shown before the steps ran.
  func finish(_ output: Output) throws {
    if output.isJSON { try output.line(self) }
    guard !isPlanned, isSomethingToDo else { return }
    let words = Platforms.words
    output.say("\n\(words.engineIsMissing). Run `dioptra init` on a host with \(words.engine) to run the steps.")
  }

  func show(_ output: Output) throws {
    try output.result(self) { text(output) + "\n" }
  }

  func text(_ output: Output) -> String {
    ChangeReportText(report: self, output: output).text
  }
}
