internal import DioptraModel
internal import DioptraState
public import DioptraSystem

/// Finds drift, and accepts or repairs it.
public struct DriftOperation {
  /// The differences, and what was done about them.
  public struct Report {
    /// The comparison that the findings come from.
    public let drift: Drift
    /// The remaining differences.
    public internal(set) var findings: [DriftFinding]
    /// The accepted paths, for output.
    public internal(set) var accepted: [String]?
    /// What was restored.
    public internal(set) var repaired: [DriftRepair.Entry]?
  }

  private let folder: ConfinedFolder
  private let context: OperationContext
  private let now: Timestamp

  /// Nothing is compared before a method is called.
  public init(_ folder: ConfinedFolder, in context: OperationContext) {
    self.folder = folder
    self.context = context
    now = context.now()
  }

  /// Compares the folder with what was recorded. Read-only; takes no lock.
  ///
  /// - Parameter paths: Selects the reported paths below the folder; all if empty.
  public func findings(at paths: (Drift) throws -> [String]) throws -> Report {
    let state = try folder.recordedState()
    var drift = try drift(state)
    // While another command changes the folder, files are inconsistent.
    for _ in 0..<3 where try !drift.findings.isEmpty && drift.isOvertaken { drift = try self.drift(state) }
    return Report(drift: drift, findings: drift.findings(at: try paths(drift)))
  }

  /// Compares what the engine runs with what it should. Read-only; takes no lock.
  public func engineFindings() async throws -> [DriftFinding] {
    let view = try DeploymentView(of: folder, in: context)
    let drift = EngineDrift(
      of: view.deployment, in: view.folder, on: try await view.engine(), hiding: try view.secrets)
    return try await drift.differences().map { difference in
      DriftFinding(
        path: difference.subject, kind: .engine, component: difference.component, resolution: .other(difference.remedy),
        detail: difference.state)
    }
  }

  /// Records the files at some paths as they are now.
  public func accept(at paths: (Drift) throws -> [String]) async throws -> Report {
    try await changing { state, drift in
      let acceptance = try DriftAcceptance(of: drift, at: try paths(drift))
      guard !acceptance.isEmpty else { return Report(drift: drift, findings: [], accepted: []) }
      try await state.recording(context.caller) { record in
        try acceptance.apply(to: state, run: record.begin(), now: now)
      }
      return Report(drift: drift, findings: [], accepted: acceptance.shownPaths)
    }
  }

  /// Restores what was recorded.
  ///
  /// - Parameter isAgreed: Receives what would be restored, which may be nothing, and decides.
  public func repair(
    at paths: (Drift) throws -> [String], isAgreed: (DriftRepair, Drift) throws -> Bool = { _, _ in true }
  ) async throws -> Report {
    try await changing { state, drift in
      let repair = try DriftRepair(of: drift, at: try paths(drift))
      guard try isAgreed(repair, drift), !repair.isNothingToDo else {
        return Report(drift: drift, findings: [], repaired: [])
      }
      try await state.recording(context.caller) { record in
        if let error = try repair.apply(to: state, run: record.begin(), now: now) { context.observer.warn(error) }
      }
      return Report(drift: drift, findings: [], repaired: repair.entries)
    }
  }

  /// The remaining differences are those of the whole folder.
  private func changing(_ change: (State, Drift) async throws -> Report) async throws -> Report {
    let session = try DeploymentSession(writing: "dioptra drift", in: folder, now: now)
    let drift = try drift(session.state)
    let report = try await change(session.state, drift)
    let isUnchanged = (report.accepted ?? []).isEmpty && (report.repaired ?? []).isEmpty
    let rest = isUnchanged && !drift.isUnfinished ? drift : try self.drift(session.state)
    return Report(drift: rest, findings: rest.findings, accepted: report.accepted, repaired: report.repaired)
  }

  private func drift(_ state: State) throws -> Drift {
    try Drift(of: folder, state: state, registry: { context.registry })
  }
}
