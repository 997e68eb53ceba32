internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// What a restoration writes to a folder, and what it overwrites.
public struct RestorationPlan: Equatable, Sendable {
  /// What a restoration does to a file.
  public enum Action: String, Codable, Sendable {
    case create
    case overwrite
    case same
  }

  /// A file of the deployment's folder.
  public struct Entry: Codable, Equatable, Sendable {
    /// Escaped if it is not text.
    public let path: String
    /// `same` for a file that needs no change.
    public let action: Action
  }

  /// The files of the backup, State first.
  public let changes: [Entry]
  /// Whether an earlier restoration of the same backup was interrupted here.
  public let isContinued: Bool
  /// Whether that one got as far as State.
  let hasState: Bool
  /// Whether folder and State are left alone.
  let isOfDataOnly: Bool

  /// A plan that writes nothing to a folder.
  ///
  /// - Throws: `DioptraError` if another restoration was interrupted.
  init(ofDataOnly backup: Backup, in folder: ConfinedFolder) throws {
    let unfinished = try UnfinishedRestoration.found(in: folder)
    isContinued = unfinished?.backup == backup.origin.id && unfinished?.isOfDataOnly == true
    if !isContinued { try folder.refuseUnfinishedRestoration() }
    changes = []
    hasState = true
    isOfDataOnly = true
  }

  /// Compares; read-only.
  ///
  /// - Parameter path: The absolute path of the folder, which need not exist.
  /// - Throws: `DioptraError` for an unsuitable folder.
  init(of backup: Backup, in path: String) throws {
    isOfDataOnly = false
    guard DeploymentFolder.isFolder(path) else {
      guard try DeploymentFolder.kind(of: path) == .empty else {
        throw DioptraError(
          .pathInvalid, "\(path) is not a folder", remedy: "Give a folder, or one that does not exist yet")
      }
      let paths = [State.file] + backup.members.compactMap { $0.kind == .file ? $0.path : nil }
      changes = paths.map { Entry(path: $0.visible(onOneLine: true), action: .create) }
      (isContinued, hasState) = (false, false)
      return
    }
    let folder = try ConfinedFolder(path: path)
    let unfinished = try UnfinishedRestoration.found(in: folder)
    isContinued = unfinished?.backup == backup.origin.id && unfinished?.isOfDataOnly == false
    hasState = isContinued && unfinished?.hasState == true
    let hasOldState = try folder.entry(State.file) != nil
    if !hasOldState, unfinished == nil, try DeploymentFolder.kind(of: path) == .foreign {
      throw DioptraError.occupied(path)
    }
    var changes = [Entry(path: State.file, action: hasState ? .same : hasOldState ? .overwrite : .create)]
    for member in backup.members where member.kind == .file {
      guard let path = member.path else { continue }
      changes.append(Entry(path: path.visible(onOneLine: true), action: try Self.action(member, at: path, in: folder)))
    }
    self.changes = changes
  }

  private static func action(_ member: BackupMember, at path: String, in folder: ConfinedFolder) throws -> Action {
    // A link or file in place of a folder: what is behind it is not part of the deployment.
    let parts = path.pathParts
    for count in 1..<max(1, parts.count) {
      guard let entry = try folder.entry(parts[..<count].joined(separator: "/")) else { return .create }
      guard entry == .folder else { return .overwrite }
    }
    return switch try folder.entry(path) {
    case nil: .create
    case .file: try folder.holds(member, at: path) ? .same : .overwrite
    case .folder, .link, .other: .overwrite
    }
  }

  /// The files whose contents are replaced, with copies kept.
  public var overwritten: [String] { changes.filter { $0.action == .overwrite }.map(\.path) }
}

extension ConfinedFolder {
  /// Whether a file has the bytes of a backup's member.
  func holds(_ member: BackupMember, at path: String) throws -> Bool {
    var parts = member.parts[...]
    var open: [UInt8] = []
    var isSame = true
    let isThere = try read(path) { piece in
      open += piece
      while isSame, let part = parts.first, open.count >= part.bytes, !(part.bytes == 0 && parts.count == 1) {
        isSame = Digest(of: Array(open[..<part.bytes])).hexadecimal == part.digest
        open.removeFirst(part.bytes)
        parts = parts.dropFirst()
      }
      if parts.isEmpty, !open.isEmpty { isSame = false }
    }
    guard isThere, isSame, open.isEmpty else { return false }
    return parts.allSatisfy { $0.bytes == 0 }
  }
}
