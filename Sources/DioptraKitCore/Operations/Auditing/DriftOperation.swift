internal import DioptraModel
internal import DioptraState
public import DioptraSystem

/// Looks for drift, and carries out what is decided about it.
public struct DriftOperation {
  /// What is different, and what was done about it.
  public struct Report {
    public let drift: Drift
    /// What is different now.
    public internal(set) var findings: [DriftFinding]
    /// The paths that were accepted, as they are shown.
    public internal(set) var accepted: [String]?
    /// What was put back.
    public internal(set) var repaired: [DriftRepair.Step]?
  }

  private let folder: ConfinedFolder
  private let context: OperationContext
  private let now: Timestamp

  public init(_ folder: ConfinedFolder, in context: OperationContext) {
    self.folder = folder
    self.context = context
    now = context.now()
  }

  /// Compares the folder with what was recorded. Writes nothing and takes no lock.
  ///
  /// - Parameter paths: Chooses what is told of what was found: paths below the folder; all of it when empty.
  public func findings(at paths: (Drift) throws -> [String]) throws -> Report {
    guard let state = try State(readingIn: folder) else { throw folder.notInitialized }
    var drift = try drift(state)
    // While another command changes the folder, files are old and new.
    for _ in 0..<3 where try !drift.findings.isEmpty && drift.isOvertaken { drift = try self.drift(state) }
    return Report(drift: drift, findings: drift.findings(at: try paths(drift)))
  }

  /// Compares what the engine runs with what it should. Writes nothing and takes no lock.
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

  /// Records what stands at some paths as wanted.
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

  /// Puts back what was recorded.
  ///
  /// - Parameter isAgreed: Is shown what would be put back, which may be nothing, and decides.
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
      return Report(drift: drift, findings: [], repaired: repair.steps)
    }
  }

  /// What remains is told of the whole folder.
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
