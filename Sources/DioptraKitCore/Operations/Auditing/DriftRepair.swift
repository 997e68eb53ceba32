internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
public import DioptraState
public import DioptraSystem

/// What was recorded, put back in place of what is there. The user's version is kept below `.dioptra/kept/`.
public struct DriftRepair {
  /// What is done at one path.
  public struct Step: Encodable, Equatable, Sendable {
    public enum Action: String, Codable, Sendable {
      /// The recorded file comes back.
      case restore
      /// What nobody recorded is moved to where files are kept.
      case remove
    }

    /// Byte for byte.
    let path: String
    public let action: Action
    /// Relative to the deployment's folder, for people and programs.
    public var shownPath: String { path.shownPath }

    enum CodingKeys: CodingKey {
      case path, action
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(shownPath, forKey: .path)
      try container.encode(action, forKey: .action)
    }
  }

  /// In order; nothing where nothing can be put back.
  public let steps: [Step]
  /// What is different at those paths.
  public let findings: [DriftFinding]
  private let drift: Drift
  /// What has to go before files can come to its place: it is moved.
  private let moved: [String]

  /// - Parameters:
  ///   - drift: Found out while nobody else writes.
  ///   - chosen: Paths inside the folder; all when none is given. Only then is a `dioptra.yaml` that was not rendered yet
  ///     left alone: it is the user's wish, and `init` carries it out.
  public init(of drift: Drift, at chosen: [String] = []) throws {
    self.drift = drift
    try drift.requireApplied()
    var moved: [String] = []
    var steps: [Step] = []
    var findings: [DriftFinding] = []
    let blocked = drift.scan.blocked.map(\.path.exact)
    for finding in drift.findings(at: chosen) {
      let record = drift.record(at: finding.place)
      let isRepairable =
        switch finding.kind {
        case .stale: chosen.contains(finding.place)
        case .engine, .setting: false
        case .secret: finding.resolution != .initialize
        case .edited: finding.resolution != .choose
        case .missing, .mode, .owner, .extra, .type: true
        }
      guard isRepairable else { continue }
      findings.append(finding)
      if blocked.contains(finding.place) {
        moved.append(finding.place)
        let below = drift.recording.files.filter { $0.path.isBelow(finding.place) && $0.recorded != nil }
        steps += below.map { Step(path: $0.path, action: .restore) }
      } else if finding.path == ConfigurationFile.name || record?.recorded != nil {
        steps.append(Step(path: finding.place, action: .restore))
      } else {
        moved.append(finding.place)
        steps.append(Step(path: finding.place, action: .remove))
      }
    }
    self.steps = steps.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    self.findings = findings
    self.moved = moved
  }

  /// Whether nothing has to be written or settled.
  public var isNothingToDo: Bool { steps.isEmpty && !drift.isUnfinished }

  /// Writes it, and settles an earlier apply that did not end. The holder of the lock calls this.
  ///
  /// - Parameter run: The run that it is part of; asked for when it is about to begin.
  /// - Returns: Why old kept files could not be thrown away, which is no failure; nil where they could.
  @discardableResult
  public func apply(to state: State, run: @autoclosure () throws -> Int, now: Timestamp) throws -> DioptraError? {
    guard !isNothingToDo else { return nil }
    try drift.discardLeftovers()
    let files = try drift.recordedFiles()
    var found: [String: Reconciler.Actual] = [:]
    var changes: [State.Change] = []
    var moved = moved
    for step in steps where step.action == .restore {
      guard let version = try version(of: step.path, files) else { continue }
      let isBelowMoved = moved.contains { step.path.isBelow($0) }
      var actual = isBelowMoved ? .absent : try drift.folder.actual(step.path)
      if case .other(let entry) = actual, entry != .link {
        // Only a file or a link can be replaced in one step.
        moved.append(step.path)
        actual = .absent
      }
      found[step.path] = actual
      var expected: Digest?
      if case .file(let bytes, _) = actual { expected = Digest(of: bytes) }
      changes.append(State.Change(path: step.path, expected: expected, result: version))
    }
    let generation = try state.transaction {
      try drift.plan(files, changes, run: run(), now: now, to: state)
    }
    let kept = KeptFiles(in: drift.folder)
    for path in moved { try kept.take(path, generation: generation) }
    try StagedChanges(
      changes, of: generation, in: drift.folder, secrets: state.secretValues(), found: found
    ).write()
    try state.markApplied(generation, now: now)
    return kept.sweep(state, now: now)
  }

  private func version(of path: String, _ files: [String: State.GenerationFile]) throws -> FileVersion? {
    guard path == ConfigurationFile.name else { return files[path]?.recorded }
    var mode: UInt32 = 0o644
    if case .file(let actual)? = try drift.folder.entry(path) { mode = actual }
    return FileVersion(text: StoredText(drift.recording.configuration), mode: mode)
  }
}
