/// What putting a rendered tree into a folder would do, file by file.
public struct FolderProjection: Sendable {
  /// What a file of the folder is, compared with what was rendered.
  public enum Status: String, Codable, Sendable {
    case missing
    case same
    case different
  }

  public struct File: Sendable {
    public let path: String
    public let component: ComponentID
    public let status: Status
    fileprivate let bytes: [UInt8]
    fileprivate let permissions: FolderFile.Permissions
  }

  /// In the order of their paths.
  public let files: [File]

  /// Compares; writes nothing.
  ///
  /// - Parameter folder: nil for a folder that does not exist yet.
  public init(_ tree: RenderedTree, secrets: SecretValues, in folder: ConfinedFolder?) throws {
    files = try tree.files.map { file in
      let bytes = try file.bytes(secrets: secrets)
      let present = try folder?.entry(file.path)
      let status: Status =
        switch present {
        case nil: .missing
        case .file? where try folder?.read(file.path) == bytes: .same
        default: .different
        }
      return File(
        path: file.path, component: file.component, status: status, bytes: bytes, permissions: file.permissions)
    }
  }

  /// The paths of the files with a status.
  public func paths(_ status: Status) -> [String] {
    files.filter { $0.status == status }.map(\.path)
  }

  /// Writes the files that are missing and leaves all others alone.
  public func writeMissing(to folder: ConfinedFolder) throws {
    for file in files where file.status == .missing {
      try folder.write(
        file.path, file.bytes, mode: file.permissions.mode,
        folderMode: file.permissions == .secret ? 0o700 : 0o755)
    }
  }
}
