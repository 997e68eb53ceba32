internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
package import DioptraState
package import DioptraSystem

/// Restores what was recorded. The user's version is kept in `.dioptra/kept/`.
public struct DriftRepair {
  /// What is done at one path.
  public struct Entry: Encodable, Equatable, Sendable {
    /// What is done to a file.
    public enum Action: String, Codable, Sendable {
      /// Restores the recorded file.
      case restore
      /// Moves an untracked file to the kept files.
      case remove
    }

    /// Byte for byte.
    let path: String
    /// Whether the recorded file comes back, or an untracked one goes.
    public let action: Action
    /// Relative to the deployment's folder, for output.
    public var shownPath: String { path.shownPath }

    enum CodingKeys: CodingKey {
      case path, action
    }

    /// `path`, in the form of `shownPath`, and `action`.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(shownPath, forKey: .path)
      try container.encode(action, forKey: .action)
    }
  }

  /// In order; empty if there is nothing to restore.
  public let entries: [Entry]
  /// The differences at those paths.
  public let findings: [DriftFinding]
  private let drift: Drift
  /// What is in the way of restored files: it is moved.
  private let moved: [String]

  /// - Parameters:
  /// - drift: Determined while the lock is held.
  /// - chosen: Paths inside the folder; all if empty. In that case a `dioptra.yaml` that was not rendered yet is left
  ///   alone, since it is the user's intention, which `init` applies.
  package init(of drift: Drift, at chosen: [String] = []) throws {
    self.drift = drift
    try drift.requireApplied()
    var moved: [String] = []
    var entries: [Entry] = []
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
        let below = drift.expected.files.filter { $0.path.isBelow(finding.place) && $0.recorded != nil }
        entries += below.map { Entry(path: $0.path, action: .restore) }
      } else if finding.path == ConfigurationFile.name || record?.recorded != nil {
        entries.append(Entry(path: finding.place, action: .restore))
      } else {
        moved.append(finding.place)
        entries.append(Entry(path: finding.place, action: .remove))
      }
    }
    self.entries = entries.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    self.findings = findings
    self.moved = moved
  }

  /// Whether there is nothing to write or complete.
  public var isNothingToDo: Bool { entries.isEmpty && !drift.isUnfinished }

  /// Applies the repair, and completes an interrupted apply. The holder of the lock calls this.
  ///
  /// - Parameter run: The run that this is part of; asked for right before it begins.
  /// - Returns: Why old kept files could not be pruned, which is not an error; otherwise nil.
  @discardableResult
  package func apply(to state: State, run: @autoclosure () throws -> Int, now: Timestamp) throws -> DioptraError? {
    guard !isNothingToDo else { return nil }
    try drift.discardLeftovers()
    let files = try drift.recordedFiles()
    var found: [String: Reconciler.Actual] = [:]
    var changes: [State.Change] = []
    var moved = moved
    for entry in entries where entry.action == .restore {
      guard let version = try version(of: entry.path, files) else { continue }
      let isBelowMoved = moved.contains { entry.path.isBelow($0) }
      var actual = isBelowMoved ? .absent : try drift.folder.actual(entry.path)
      if case .other(let kind) = actual, kind != .link {
        // Only a file or a link can be replaced atomically.
        moved.append(entry.path)
        actual = .absent
      }
      found[entry.path] = actual
      var expected: Digest?
      if case .file(let bytes, _) = actual { expected = Digest(of: bytes) }
      changes.append(State.Change(path: entry.path, expected: expected, result: version))
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
    return FileVersion(text: StoredText(drift.expected.configuration), mode: mode)
  }
}
