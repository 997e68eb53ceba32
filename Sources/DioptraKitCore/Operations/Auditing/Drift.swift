public import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
public import DioptraState
public import DioptraSystem

/// How a deployment's folder differs from what was recorded, always by content. Writes nothing and takes no lock.
public struct Drift {
  /// In the order of their paths.
  public private(set) var findings: [DriftFinding] = []
  /// Whether an earlier apply did not end; the next `init` finishes it.
  public var isUnfinished: Bool { recording.isUnfinished }
  /// Whether something else was planned or put in place since: what was found may be neither old nor new.
  public var isOvertaken: Bool {
    get throws { try state.progress() != recording.progress }
  }

  let folder: ConfinedFolder
  let state: State
  let recording: Recording
  let scan: FolderScan
  /// The values of State; read where a file shows some.
  private(set) var secrets: DriftSecrets?
  /// The component that a path without one belongs to, by its folder.
  private var nearest: [String: ComponentID] = [:]

  /// Folders that hold nothing but the deployment's own files.
  static let ownFolders = ["config", "envs", "scripts", "secrets", "ssl", "systemd"]

  /// - Parameter registry: What the values of `dioptra.yaml` mean; asked for when the file was changed.
  /// - Throws: `DioptraError` where nothing was recorded yet, or something cannot be read.
  public init(of folder: ConfinedFolder, state: State, registry: () throws -> ComponentRegistry) throws {
    self.folder = folder
    self.state = state
    recording = try Recording(state, in: folder)
    scan = try FolderScan(of: folder, paths: recording.files.map(\.path), searched: Self.ownFolders)
    let owners = [folder.owner(of: "."), folder.owner(of: State.file)].compactMap(\.self)
    for (record, found) in zip(recording.files, scan.found) {
      // What is below something that is no folder is told once, by that thing.
      if scan.blocked.contains(where: { record.path.isBelow($0.path.exact) }) { continue }
      try compare(record, found, owners)
    }
    for stranger in scan.blocked where isMissed(below: stranger.path.exact) {
      let target = try stranger.entry == .link ? folder.linkTarget(stranger.path.exact) : nil
      let leads = target.map { " to \($0.shownPath)" } ?? ""
      add(
        stranger, .type, "\(stranger.entry.phrase)\(leads) stands in the folder's place, and all below is out of sight")
    }
    let known = scan.strangers.isEmpty ? [] : Set(recording.files.map(\.path))
    for stranger in scan.strangers where !isExpected(stranger.path, known) {
      add(stranger, .extra, stranger.entry.isFile ? nil : stranger.entry.phrase)
    }
    try addMarkers()
    findings += try Self.settingFindings(
      in: folder, recording.component(near: Setting.file), resolution: settingResolution)
    findings += try ConfigurationDrift(recording, in: folder, registry: registry).findings
    findings.sort(by: DriftFinding.isBefore)
  }

  // MARK: Files

  private mutating func compare(
    _ record: State.FileRecord, _ found: FolderScan.Found, _ owners: [FolderScan.Owner]
  ) throws {
    let isApplied = recording.isApplied
    func finding(_ kind: DriftFinding.Kind, _ detail: String? = nil) -> DriftFinding {
      DriftFinding(
        path: record.path, kind: kind, component: record.component,
        resolution: Self.resolution(kind, isApplied, detail: detail), detail: detail)
    }
    guard let recorded = record.recorded else {
      // The user deleted it, and that was accepted.
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
      // Other permissions are a finding of their own.
      guard facts.mode == record.recorded?.mode else { return nil }
      throw DioptraError(
        .systemFailed, "\(folder.path)/\(record.path) cannot be read: permission denied",
        remedy: "Run the command as its owner, or with sudo")
    }
    // A text without marks is stored as it is.
    if digest.hexadecimal == recorded, !facts.mayHoldMarks { return nil }
    let secrets = try knownSecrets()
    let file = try recording.file(record)
    guard let version = file.recorded else { return nil }
    let expected = try version.text.bytes(secrets: secrets.all)
    if Digest(of: expected) == digest {
      let old = secrets.outdated(in: version.text)
      guard !old.isEmpty else { return nil }
      return DriftFinding(
        path: record.path, kind: .secret, component: record.component, resolution: .initialize,
        detail: "\(old.words) \(old.count == 1 ? "has" : "have") a newer value", secrets: old)
    }
    guard case .file(let bytes, _) = try folder.actual(record.path) else { return finding(.edited, nil) }
    if bytes.withUnixLineEnds == expected.withUnixLineEnds { return finding(.edited, Self.lineEnds) }
    let changed = try secrets.changed(at: record.path, shownIn: file.rendered.text, from: expected, to: bytes)
    guard !changed.isEmpty else { return finding(.edited, nil) }
    return DriftFinding(
      path: record.path, kind: .secret, component: record.component,
      resolution: Self.resolution(.secret, recording.isApplied),
      detail: "\(changed.words) \(changed.count == 1 ? "is" : "are") not what State knows", secrets: changed)
  }

  private mutating func knownSecrets() throws -> DriftSecrets {
    if let secrets { return secrets }
    let secrets = DriftSecrets(try state.secretValues())
    self.secrets = secrets
    return secrets
  }

  /// Files belong to the folder's owner. State's own counts too, where that is no accident of root's: in a folder of one
  /// person another may be the one who runs dioptra.
  private static func foreign(_ owner: FolderScan.Owner, _ owners: [FolderScan.Owner]) -> String? {
    guard let expected = owners.first else { return nil }
    let users = owners.prefix(1).map(\.user) + owners.dropFirst().map(\.user).filter { $0 != 0 }
    if !users.contains(owner.user) { return "user \(owner.user) instead of \(expected.user)" }
    if !owners.contains(where: { $0.group == owner.group }) {
      return "group \(owner.group) instead of \(expected.group)"
    }
    return nil
  }

  /// What was recorded sets what it has to, but for what the user's own override asks for.
  private var settingResolution: DriftFinding.Resolution {
    let isEdited = findings.contains { $0.path == Setting.file && [.edited, .secret].contains($0.kind) }
    return isEdited
      ? Self.resolution(.setting, recording.isApplied)
      : .other("Add a line NAME=VALUE for each to \(edit: Setting.file)")
  }

  // MARK: What nobody asked for

  private func isMissed(below path: String) -> Bool {
    recording.files.contains { $0.path.isBelow(path) && $0.recorded != nil }
  }

  /// The READMEs in ssl/ tell people to put these there.
  static func isUsersCertificate(_ path: String) -> Bool {
    path.hasPrefix("ssl/") && [".crt", ".key", ".pem"].contains { path.hasSuffix($0) }
  }

  private func isExpected(_ path: DiskPath, _ known: Set<String>) -> Bool {
    let text = path.exact
    if Self.isUsersCertificate(text) { return true }
    // What an apply that did not end left beside the file's place.
    let parts = text.pathParts
    guard let name = parts.last, name.hasPrefix("."), name.hasSuffix(".dioptra-new") else { return false }
    let place = parts.dropLast() + [String(name.dropFirst().dropLast(".dioptra-new".count))]
    return known.contains(place.joined(separator: "/"))
  }

  private mutating func add(_ stranger: FolderScan.Stranger, _ kind: DriftFinding.Kind, _ detail: String?) {
    let path = stranger.path.exact
    let folder = path.pathParts.dropLast().joined(separator: "/")
    let component = nearest[folder] ?? recording.component(near: path)
    nearest[folder] = component
    // Only a file can be recorded.
    let isRecordable = kind != .extra || stranger.entry.isFile
    let resolution = Self.resolution(isRecordable ? kind : .type, recording.isApplied)
    findings.append(
      DriftFinding(path: path, kind: kind, component: component, resolution: resolution, detail: detail))
  }

  /// What is told of a file that differs in nothing else.
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

  /// A file that was recorded with both versions of a conflict in it is no difference, and yet not as it should be.
  private mutating func addMarkers() throws {
    let markers = try FolderMarkers(in: folder, recording)
    for (path, component) in markers.files where !findings.contains(where: { $0.isAt(path) && $0.kind != .mode }) {
      findings.append(
        DriftFinding(
          path: path, kind: .edited, component: component, resolution: .choose,
          detail: "both versions of a conflict stand between marker lines"))
    }
  }
}

extension String {
  /// Whether the path lies in a folder, at any depth.
  func isBelow(_ folder: String) -> Bool {
    utf8.count > folder.utf8.count && utf8.starts(with: folder.utf8)
      && utf8[utf8.index(utf8.startIndex, offsetBy: folder.utf8.count)] == UInt8(ascii: "/")
  }

  /// Whether the path lies in a folder in which everything is the deployment's own.
  var isInOwnFolder: Bool { Drift.ownFolders.contains { isBelow($0) } }
}

extension ConfinedFolder.Entry {
  /// With its article.
  var phrase: String { "a \(words)" }

  var isFile: Bool {
    if case .file = self { true } else { false }
  }
}

extension [SecretName] {
  fileprivate var words: String { map(\.rawValue).joined(separator: ", ") }
}
