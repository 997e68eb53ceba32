import DioptraKitCore
import Foundation
import Plugins

/// Looks for drift, and carries out what a person decides about it.
struct DriftAudit {
  private let options: GlobalOptions
  private let now = Timestamp.now
  private var output: Output { options.output }

  init(_ options: GlobalOptions) {
    self.options = options
  }

  /// Writes nothing and takes no lock.
  func report(at words: [String], withDiffs: Bool) throws -> DriftReport {
    let folder = try options.deploymentFolder()
    guard let state = try State(readingIn: folder) else { throw Self.nothingRecorded(folder) }
    var drift = try Drift(of: folder, state: state, registry: ReferenceDeployment.registry)
    // While somebody else changes the folder, files are old and new.
    for _ in 0..<3 where try !drift.findings.isEmpty && drift.isOvertaken {
      drift = try Drift(of: folder, state: state, registry: ReferenceDeployment.registry)
    }
    if drift.isUnfinished { Output.note(Self.unfinished) }
    let findings = drift.findings(at: try paths(words, drift))
    return report(try withDiffs ? drift.withDiffs(findings) : findings, folder)
  }

  /// The same, and what the engine runs.
  func reportWithEngine(at words: [String], withDiffs: Bool) async throws -> DriftReport {
    var report = try report(at: words, withDiffs: withDiffs)
    report.findings += try await engineFindings()
    return report
  }

  private func engineFindings() async throws -> [DriftFinding] {
    let view = try DeploymentView(options)
    let drift = EngineDrift(
      of: view.deployment, in: view.folder, on: try await view.engine(), hiding: try view.secrets)
    return try await drift.differences().map { difference in
      DriftFinding(
        path: difference.subject, kind: .engine, component: difference.component, remedy: difference.remedy,
        detail: difference.state)
    }
  }

  /// Records what stands at some paths as wanted.
  func accept(_ words: [String], withDiffs: Bool) async throws -> DriftReport {
    try await changing(withDiffs) { folder, state, drift in
      let acceptance = try DriftAcceptance(of: drift, at: try paths(words, drift))
      guard !acceptance.isEmpty else {
        output.say("There is nothing to accept.")
        return DriftReport.Changes()
      }
      try await state.recording(.current) { record in
        try acceptance.apply(to: state, run: record.begin(), now: now)
      }
      return DriftReport.Changes(accepted: acceptance.shownPaths)
    }
  }

  /// Puts back what was recorded, after showing what that is.
  func repair(_ words: [String], withDiffs: Bool) async throws -> DriftReport {
    try await changing(withDiffs) { folder, state, drift in
      let repair = try DriftRepair(of: drift, at: try paths(words, drift))
      if repair.steps.isEmpty {
        output.say("There is nothing to put back.")
      } else {
        output.say(DriftReport.preview(of: repair, try drift.withDiffs(repair.findings), output))
        if options.mayAsk, try !isAgreed() { return DriftReport.Changes() }
      }
      guard !repair.isNothingToDo else { return DriftReport.Changes() }
      try await state.recording(.current) { record in
        Output.note(try repair.apply(to: state, run: record.begin(), now: now))
      }
      return DriftReport.Changes(repaired: repair.steps)
    }
  }

  private func changing(
    _ withDiffs: Bool, _ change: (ConfinedFolder, State, Drift) async throws -> DriftReport.Changes
  ) async throws -> DriftReport {
    let folder = try options.deploymentFolder()
    try folder.refuseUnfinishedRestoration()
    guard try State(readingIn: folder, recovering: true) != nil else { throw Self.nothingRecorded(folder) }
    let lock = try FolderLock(in: folder, command: "dioptra drift", now: now)
    defer { withExtendedLifetime(lock) {} }
    let state = try State(changingIn: folder, now: now)
    let registry = ReferenceDeployment.registry
    let drift = try Drift(of: folder, state: state, registry: registry)
    let changes = try await change(folder, state, drift)
    // What remains is told of the whole folder.
    let rest = changes.isEmpty && !drift.isUnfinished ? drift : try Drift(of: folder, state: state, registry: registry)
    if rest.isUnfinished { Output.note(Self.unfinished) }
    return report(try withDiffs ? rest.withDiffs(rest.findings) : rest.findings, folder, changes)
  }

  private func report(
    _ findings: [DriftFinding], _ folder: ConfinedFolder, _ changes: DriftReport.Changes? = nil
  ) -> DriftReport {
    // A remedy works where the person stands.
    let place = options.folder.map { " -C \($0.shellQuoted)" } ?? ""
    let findings = findings.map { finding in
      var finding = finding
      for command in ["dioptra drift", "dioptra init"] where finding.remedy.hasPrefix(command) {
        finding.remedy = command + place + finding.remedy.dropFirst(command.count)
      }
      return finding
    }
    return DriftReport(folder: folder.path, findings: findings, changes: changes)
  }

  private func paths(_ words: [String], _ drift: Drift) throws -> [String] {
    try words.map { try drift.path(of: $0, absolute: DeploymentFolder.canonicalPlace(options.absolute($0))) }
  }

  private func isAgreed() throws -> Bool {
    let answer = try Terminal.answer(to: "Put this back? [y/N]: ")
    return ["y", "yes"].contains(answer?.lowercased().trimmingCharacters(in: .whitespaces))
  }

  private static let unfinished = "An earlier command did not get to its end; `dioptra init` finishes it."

  private static func nothingRecorded(_ folder: ConfinedFolder) -> DioptraError {
    DioptraError("\(folder.path) has not been initialised yet", remedy: "Run `dioptra init` there")
  }
}
