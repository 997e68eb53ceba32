package import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
package import DioptraState
package import DioptraSystem

/// How a deployment's folder differs from what was recorded, always by content. Read-only; takes no lock.
public struct Drift {
  /// Sorted by path.
  public private(set) var findings: [DriftFinding] = []
  /// Whether an earlier apply was interrupted; the next `init` completes it.
  public var isUnfinished: Bool { expected.isUnfinished }
  /// Whether something else was planned or applied since, so that the findings may be inconsistent.
  public var isOvertaken: Bool {
    get throws { try state.progress() != expected.progress }
  }

  let folder: ConfinedFolder
  let state: State
  let expected: ExpectedFiles
  let scan: FolderScan
  /// The values in State, read if a file shows any.
  private(set) var secrets: DriftSecrets?
  /// The component of a path without a record, by its folder.
  private var nearest: [String: ComponentID] = [:]

  /// Folders that contain only the deployment's own files.
  static let ownFolders = ["config", "envs", "scripts", "secrets", "ssl", "systemd"]

  /// - Parameter registry: The components; needed if `dioptra.yaml` was changed.
  /// - Throws: `DioptraError` if nothing was recorded yet, or something is unreadable.
  package init(of folder: ConfinedFolder, state: State, registry: () throws -> ComponentRegistry) throws {
    self.folder = folder
    self.state = state
    expected = try ExpectedFiles(state, in: folder)
    scan = try FolderScan(of: folder, paths: expected.files.map(\.path), searched: Self.ownFolders)
    let owners = [folder.owner(of: "."), folder.owner(of: State.file)].compactMap(\.self)
    for (record, found) in zip(expected.files, scan.found) {
      // Everything below something that is not a folder is reported once, by that thing.
      if scan.blocked.contains(where: { record.path.isBelow($0.path.exact) }) { continue }
      try compare(record, found, owners)
    }
    for entry in scan.blocked where isMissed(below: entry.path.exact) {
      let target = try entry.kind == .link ? folder.linkTarget(entry.path.exact) : nil
      let leads = target.map { " to \($0.shownPath)" } ?? ""
      add(
        entry, .type, "\(entry.kind.phrase)\(leads) stands in the folder's place, and all below is out of sight")
    }
    let known = scan.untracked.isEmpty ? [] : Set(expected.files.map(\.path))
    for entry in scan.untracked where !isExpected(entry.path, known) {
      add(entry, .extra, entry.kind.isFile ? nil : entry.kind.phrase)
    }
    try addMarkers()
    findings += try Self.settingFindings(
      in: folder, try registry().dialect, expected.component(near: Setting.file), resolution: settingResolution)
    findings += try ConfigurationDrift(expected, in: folder, registry: registry).findings
    findings.sort(by: DriftFinding.isBefore)
  }

  // MARK: Files

  private mutating func compare(
    _ record: State.FileRecord, _ found: FolderScan.Found, _ owners: [FolderScan.Owner]
  ) throws {
    let isApplied = expected.isApplied
    func finding(_ kind: DriftFinding.Kind, _ detail: String? = nil) -> DriftFinding {
      DriftFinding(
        path: record.path, kind: kind, component: record.component,
        resolution: Self.resolution(kind, isApplied, detail: detail), detail: detail)
    }
    guard let recorded = record.recorded else {
      // The user deleted it, and the deletion was accepted.
      switch found {
      case .absent: break
      case .file:
        findings.append(finding(record.path.isInOwnFolder ? .extra : .edited, "is back, and was to stay deleted"))
      case .other(let entry): findings.append(finding(.type, "\(entry.phrase) stands in the file's place"))
      }
      return
    }
    switch found {
    case .absent: findings.append(finding(.missing))
    case .other(let entry): findings.append(finding(.type, "\(entry.phrase) stands in the file's place"))
    case .file(let facts):
      if let finding = try contentFinding(record, recorded.digest, facts, finding) { findings.append(finding) }
      if !facts.mode.isAsGood(as: recorded.mode) {
        let list = folder.hasAccessList(record.path) ? ", with an access control list" : ""
        findings.append(finding(.mode, "\(facts.mode.octal) instead of \(recorded.mode.octal)\(list)"))
      }
      if let detail = Self.foreign(facts.owner, owners) { findings.append(finding(.owner, detail)) }
    }
  }

  private mutating func contentFinding(
    _ record: State.FileRecord, _ recorded: String, _ facts: FolderScan.Facts,
    _ finding: (DriftFinding.Kind, String?) -> DriftFinding
  ) throws -> DriftFinding? {
    if facts.isTooLarge {
      return finding(.edited, "more than \(ConfinedFolder.comparable >> 20) MB, too much to be compared")
    }
    guard let digest = facts.digest else {
      // Permissions are a separate finding.
      guard facts.mode == record.recorded?.mode else { return nil }
      throw DioptraError(
        .systemFailed, "\(folder.path)/\(record.path) cannot be read: permission denied",
        remedy: "Run the command as its owner, or with sudo")
    }
    // A text without delimiters is stored as it is.
    if digest.hexadecimal == recorded, !facts.mayHoldMarks { return nil }
    let secrets = try knownSecrets()
    let file = try expected.file(record)
    guard let version = file.recorded else { return nil }
    let wanted = try version.text.bytes(secrets: secrets.all)
    if Digest(of: wanted) == digest {
      let old = secrets.outdated(in: version.text)
      guard !old.isEmpty else { return nil }
      return DriftFinding(
        path: record.path, kind: .secret, component: record.component, resolution: .initialize,
        detail: "\(old.text) \(old.count == 1 ? "has" : "have") a newer value", secrets: old)
    }
    guard case .file(let bytes, _) = try folder.actual(record.path) else { return finding(.edited, nil) }
    if bytes.withUnixLineEnds == wanted.withUnixLineEnds { return finding(.edited, Self.lineEnds) }
    let changed = try secrets.changed(at: record.path, shownIn: file.rendered.text, from: wanted, to: bytes)
    guard !changed.isEmpty else { return finding(.edited, nil) }
    return DriftFinding(
      path: record.path, kind: .secret, component: record.component,
      resolution: Self.resolution(.secret, expected.isApplied),
      detail: "\(changed.text) \(changed.count == 1 ? "differs" : "differ") from the value in State", secrets: changed)
  }

  private mutating func knownSecrets() throws -> DriftSecrets {
    if let secrets { return secrets }
    let secrets = DriftSecrets(try state.secretValues())
    self.secrets = secrets
    return secrets
  }

  /// Files belong to the folder's owner. The owner of State counts too, unless it is root: in one user's folder,
  /// another user may run dioptra.
  private static func foreign(_ owner: FolderScan.Owner, _ owners: [FolderScan.Owner]) -> String? {
    guard let expected = owners.first else { return nil }
    let users = owners.prefix(1).map(\.user) + owners.dropFirst().map(\.user).filter { $0 != 0 }
    if !users.contains(owner.user) { return "user \(owner.user) instead of \(expected.user)" }
    if !owners.contains(where: { $0.group == owner.group }) {
      return "group \(owner.group) instead of \(expected.group)"
    }
    return nil
  }

  /// The recorded files set everything they need, except for what the user's own override uses.
  private var settingResolution: DriftFinding.Resolution {
    let isEdited = findings.contains { $0.path == Setting.file && [.edited, .secret].contains($0.kind) }
    return isEdited
      ? Self.resolution(.setting, expected.isApplied)
      : .other("Add a line NAME=VALUE for each to \(edit: Setting.file)")
  }

  // MARK: Untracked entries

  private func isMissed(below path: String) -> Bool {
    expected.files.contains { $0.path.isBelow(path) && $0.recorded != nil }
  }

  /// The READMEs in ssl/ tell users to put these there.
  static func isUsersCertificate(_ path: String) -> Bool {
    path.hasPrefix("ssl/") && [".crt", ".key", ".pem"].contains { path.hasSuffix($0) }
  }

  private func isExpected(_ path: DiskPath, _ known: Set<String>) -> Bool {
    let text = path.exact
    if Self.isUsersCertificate(text) { return true }
    // Temporary siblings left behind by an interrupted apply.
    let parts = text.pathParts
    guard let name = parts.last, name.hasPrefix("."), name.hasSuffix(".dioptra-new") else { return false }
    let place = parts.dropLast() + [String(name.dropFirst().dropLast(".dioptra-new".count))]
    return known.contains(place.joined(separator: "/"))
  }

  private mutating func add(_ entry: FolderScan.UntrackedEntry, _ kind: DriftFinding.Kind, _ detail: String?) {
    let path = entry.path.exact
    let folder = path.pathParts.dropLast().joined(separator: "/")
    let component = nearest[folder] ?? expected.component(near: path)
    nearest[folder] = component
    // Only a file can be recorded.
    let isRecordable = kind != .extra || entry.kind.isFile
    let resolution = Self.resolution(isRecordable ? kind : .type, expected.isApplied)
    findings.append(
      DriftFinding(path: path, kind: kind, component: component, resolution: resolution, detail: detail))
  }

  /// The remedy for a file without other differences.
  static let lineEnds = "line endings"

  private static func resolution(
    _ kind: DriftFinding.Kind, _ isApplied: Bool, detail: String? = nil
  ) -> DriftFinding.Resolution {
    guard isApplied else { return .initialize }
    return switch kind {
    case .edited where detail == lineEnds: .repair
    case .edited, .extra: .accept
    default: .repair
    }
  }

  /// Files recorded with conflict markers: no difference, but still to be resolved.
  private mutating func addMarkers() throws {
    let markers = try FolderMarkers(in: folder, expected)
    for (path, component) in markers.files where !findings.contains(where: { $0.isAt(path) && $0.kind != .mode }) {
      findings.append(
        DriftFinding(
          path: path, kind: .edited, component: component, resolution: .choose,
          detail: "unresolved conflict markers"))
    }
  }
}

extension String {
  /// Whether the path is in a folder, at any depth.
  func isBelow(_ folder: String) -> Bool {
    utf8.count > folder.utf8.count && utf8.starts(with: folder.utf8)
      && utf8[utf8.index(utf8.startIndex, offsetBy: folder.utf8.count)] == UInt8(ascii: "/")
  }

  /// Whether the path is in a folder that contains only the deployment's own files.
  var isInOwnFolder: Bool { Drift.ownFolders.contains { isBelow($0) } }
}

extension ConfinedFolder.Entry {
  /// With its article.
  var phrase: String { "a \(text)" }

  var isFile: Bool {
    if case .file = self { true } else { false }
  }
}

extension [SecretName] {
  fileprivate var text: String { map(\.rawValue).joined(separator: ", ") }
}
