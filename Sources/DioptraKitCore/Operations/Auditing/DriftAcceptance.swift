internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
package import DioptraState
package import DioptraSystem

/// Records edits: they are no longer reported, and later changes are merged into them.
package struct DriftAcceptance {
  /// The accepted paths in order, byte for byte.
  let paths: [String]
  /// The same for output.
  package var shownPaths: [String] { paths.map(\.shownPath) }
  package var isEmpty: Bool { paths.isEmpty }
  private let drift: Drift

  /// - Parameters:
  /// - drift: Determined while the lock is held.
  ///   - chosen: Paths inside the folder.
  /// - Throws: `DioptraError` with the reason if none of the differences can be accepted.
  package init(of drift: Drift, at chosen: [String]) throws {
    self.drift = drift
    try drift.requireApplied()
    let findings = drift.findings(at: chosen)
    var reasons: [(path: String, reason: DioptraError)] = []
    var paths: [String] = []
    var blocked: Set<String> = []
    for finding in findings {
      if let reason = try Self.obstacle(finding, drift) {
        reasons.append((finding.place, reason))
        blocked.insert(finding.place)
      }
    }
    for finding in findings where paths.last != finding.place && !blocked.contains(finding.place) {
      if let reason = try Self.refusal(finding, drift) {
        reasons.append((finding.place, reason))
      } else {
        paths.append(finding.place)
      }
    }
    // Either everything that the user named is accepted, or nothing.
    if let refused = reasons.first(where: { reason in
      !paths.contains(reason.path) && (paths.isEmpty || chosen.contains(reason.path))
    }) {
      throw refused.reason
    }
    self.paths = paths
  }

  /// Why a file cannot be accepted: State would disagree with the deployment about secrets, or others could read them.
  private static func obstacle(_ finding: DriftFinding, _ drift: Drift) throws -> DioptraError? {
    switch finding.kind {
    case .secret where finding.resolution != .initialize:
      let names = (finding.secrets ?? []).map(\.rawValue).joined(separator: ", ")
      return DioptraError(
        .acceptanceRefused,
        "\(finding.path) has another \(names) than the one that was recorded, and secrets are not accepted",
        remedy: "Put the recorded one back: \(finding.remedy)",
        "If the deployment runs with the new one, move .dioptra out of the folder and run \(dioptra: "adopt")")
    case .mode:
      guard let record = drift.record(at: finding.path), try drift.expected.file(record).rendered.mode & 0o077 == 0,
        case .file(let mode)? = try drift.folder.entry(finding.path), mode & 0o077 != 0
      else { return nil }
      return DioptraError(
        .acceptanceRefused,
        "\(finding.path) holds secrets and is open to others (\(mode.octal)), which is not accepted",
        remedy: "Close it with \(run: "chmod", "600", finding.place), then run the command again")
    case .setting:
      // What only the user's own override uses was not there before either.
      guard let bytes = try drift.folder.read(Setting.file), finding.resolution == .repair else { return nil }
      if let fault = SettingValues(bytes, path: Setting.file).fault { return fault.error(in: Setting.file) }
      return DioptraError(
        .acceptanceRefused, "\(finding.path) \(finding.detail ?? "")",
        remedy: "Add the lines to \(edit: finding.place)", "Put them back: \(finding.remedy)")
    default: return nil
    }
  }

  private static func refusal(_ finding: DriftFinding, _ drift: Drift) throws -> DioptraError? {
    func no(_ problem: String) -> DioptraError {
      DioptraError(
        .acceptanceRefused, "\(finding.path) \(problem)",
        remedy: finding.remedy.commands.isEmpty ? finding.remedy : "Run \(finding.remedy)")
    }
    if finding.path == ConfigurationFile.name {
      return no("is your own file, and is rendered, not accepted")
    }
    switch finding.kind {
    case .edited where finding.resolution == .choose:
      return no(
        "has both versions of a conflict, which are recorded already: choose between them by hand, or take dioptra's")
    case .edited, .mode: return nil
    case .secret: return finding.resolution == .initialize ? no("is not the newest") : nil
    case .owner: return no("belongs to another user, which is not recorded")
    case .type: return no("is not a file any more, which is not recorded")
    case .stale, .engine, .setting: return no("is not what was rendered")
    case .missing:
      guard let record = drift.record(at: finding.place),
        try !drift.expected.file(record).rendered.text.secrets.isEmpty
      else { return nil }
      return no("shows secrets and does not stay deleted: `dioptra init` brings it back")
    case .extra:
      guard let entry = try? drift.folder.entry(finding.place), entry.isFile else {
        return no("is not a file that can be recorded")
      }
      // Two names that look the same would be one in State.
      let isKnown = drift.expected.files.contains {
        $0.path == finding.place && drift.record(at: finding.place) == nil
      }
      return isKnown ? no("has the name of another file, written with other characters") : nil
    }
  }

  /// Records the edits; the disk is not changed. The holder of the lock calls this.
  ///
  /// - Parameter run: The run that this is part of; asked for right before it begins.
  package func apply(to state: State, run: @autoclosure () throws -> Int, now: Timestamp) throws {
    guard !paths.isEmpty else { return }
    try drift.discardLeftovers()
    var files = try drift.recordedFiles()
    let secrets = try state.secretValues()
    try state.transaction {
      for path in paths {
        let recorded = try version(at: path, files[path], secrets, state, now)
        if let file = files[path], !(file.isOwn && recorded == nil) {
          files[path] = State.GenerationFile(component: file.component, rendered: file.rendered, recorded: recorded)
        } else {
          files[path] = recorded.map { .own($0, near: drift.expected.component(near: path)) }
        }
      }
      let generation = try drift.plan(files, [], run: run(), now: now, to: state)
      try state.markApplied(generation, now: now)
    }
  }

  /// What is at a path, as State stores it; nil if nothing.
  private func version(
    at path: String, _ file: State.GenerationFile?, _ secrets: SecretValues, _ state: State, _ now: Timestamp
  ) throws -> FileVersion? {
    switch try drift.folder.actual(path) {
    case .absent: return nil
    case .other(.file):
      throw DioptraError(
        .acceptanceRefused, "\(path) has more than \(ConfinedFolder.comparable >> 20) MB, too much to be recorded",
        remedy: "Move it out of the folder")
    case .other:
      throw DioptraError(
        .changedMeanwhile, "\(path) is not a file any more", remedy: "Run the command again: it takes the change in")
    case .file(let bytes, let mode):
      if let rendered = file?.rendered, !(file?.isOwn ?? true), try rendered.text.bytes(secrets: secrets) == bytes {
        return FileVersion(text: rendered.text, mode: mode)
      }
      let text = StoredText(bytes, secrets: secrets)
      // In a private file the user's own lines may contain secrets: they are stored like secrets.
      guard mode & 0o077 == 0 || file.map({ !$0.isOwn && $0.rendered.mode & 0o077 == 0 }) ?? path.isPrivate else {
        return FileVersion(text: text, mode: mode)
      }
      guard text.isMergeable else {
        throw DioptraError(
          .acceptanceRefused, "\(path) is private and not text, and cannot be recorded without being shown",
          remedy: "Move it out of the folder")
      }
      return FileVersion(text: try state.keepText(text, secrets: secrets, now: now), mode: mode)
    }
  }
}

extension String {
  /// Whether a path is private because of its folder.
  var isPrivate: Bool { self == ".env" || hasPrefix("secrets/") }
}
