import DioptraKitCore

/// What `drift` asks of the library, and how it tells the answer.
struct DriftAudit {
  private let options: GlobalOptions
  private let operation: DriftOperation
  private let folder: ConfinedFolder
  private let paths: (Drift) throws -> [String]
  private let withDiffs: Bool
  private var output: Output { options.output }

  /// - Parameter given: The paths that the command line chooses.
  init(_ options: GlobalOptions, at given: [String], withDiffs: Bool) throws {
    self.options = options
    self.withDiffs = withDiffs
    folder = try options.deploymentFolder()
    operation = DriftOperation(folder, in: try options.context())
    paths = { drift in
      try given.map { try drift.path(of: $0, absolute: DeploymentFolder.canonicalPlace(options.absolute($0))) }
    }
  }

  /// Read-only; takes no lock.
  func report() throws -> DriftReport {
    try shown(try operation.findings(at: paths))
  }

  /// The same, with what the engine runs.
  func reportWithEngine() async throws -> DriftReport {
    var report = try report()
    report.findings += try await operation.engineFindings()
    return report
  }

  /// Records the files at some paths as they are now.
  func accept() async throws -> DriftReport {
    let report = try await operation.accept(at: paths)
    if report.accepted == [] { output.say("There is nothing to accept.") }
    return try shown(report)
  }

  /// Restores what was recorded, after showing it.
  func repair() async throws -> DriftReport {
    try shown(
      try await operation.repair(at: paths) { repair, drift in
        guard !repair.entries.isEmpty else {
          output.say("There is nothing to restore.")
          return true
        }
        output.say(DriftReport.preview(of: repair, try drift.withDiffs(repair.findings), output))
        return try !options.mayAsk || isAgreed()
      })
  }

  private func shown(_ report: DriftOperation.Report) throws -> DriftReport {
    if report.drift.isUnfinished { Output.note(Self.unfinished) }
    // The remedy has to work in the user's current folder.
    let place = options.folder.map { ["-C", $0] } ?? []
    let findings = try (withDiffs ? report.drift.withDiffs(report.findings) : report.findings).map { finding in
      var finding = finding
      finding.remedy = finding.remedy.mapCommands { words in
        guard words.first == "dioptra" else { return words }
        let name = words.prefix(words.count > 2 && words[1] == "config" ? 3 : 2)
        return name + place + words.dropFirst(name.count)
      }
      return finding
    }
    let isChanging = report.accepted != nil || report.repaired != nil
    return DriftReport(
      folder: folder.path, findings: findings,
      changes: isChanging
        ? DriftReport.Changes(accepted: report.accepted ?? [], repaired: report.repaired ?? []) : nil)
  }

  private func isAgreed() throws -> Bool {
    let answer = try Terminal.answer(to: "Restore these files? [y/N]: ")
    return answer.map { ["y", "yes"].contains($0.lowercased().trimming(" \t")) } ?? false
  }

  private static let unfinished = "An earlier command was interrupted; run `dioptra init` to complete it."
}
