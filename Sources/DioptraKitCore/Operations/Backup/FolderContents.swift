internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import Glibc

/// The content of a deployment's folder except `.dioptra`: every file and folder, by path, whatever bytes that has.
struct FolderContents {
  struct Item: Equatable {
    let path: String
    let isFolder: Bool
    /// Permission bits.
    let mode: UInt32
  }

  /// Folders before their content.
  private(set) var items: [Item] = []
  /// Everything that is neither file nor folder.
  private(set) var leftOut: [BackupCreation.LeftOut] = []

  init(of folder: ConfinedFolder) throws {
    try read(folder, "")
  }

  private mutating func read(_ folder: ConfinedFolder, _ path: String) throws {
    try Task.checkCancellation()
    for name in try folder.names(in: path.isEmpty ? "." : path) ?? [] {
      if path.isEmpty, name == State.folder { continue }
      let inner = path.isEmpty ? name : "\(path)/\(name)"
      switch try folder.entry(inner) {
      // A temporary file of another process, which may be gone.
      case .file where name.hasPrefix(".") && name.hasSuffix(".dioptra-new"): continue
      case .file(let mode): items.append(Item(path: inner, isFolder: false, mode: mode & 0o777))
      case .folder:
        items.append(Item(path: inner, isFolder: true, mode: try folder.folderMode(inner)))
        try read(folder, inner)
      case .link, .other:
        leftOut.append(
          BackupCreation.LeftOut(path: inner.visible(onOneLine: true), kind: try folder.kindWords(of: inner)))
      // It has been removed meanwhile.
      case nil: continue
      }
    }
  }
}

extension ConfinedFolder {
  /// The kind of an entry that is neither file nor folder.
  fileprivate func kindWords(of path: String) throws -> String {
    guard let parent = try openParent(of: path, creating: nil) else { return "gone" }
    defer { parent.close() }
    var status = stat()
    _ = fstatat(parent.descriptor, parent.name, &status, AT_SYMLINK_NOFOLLOW)
    return switch status.st_mode & S_IFMT {
    case S_IFLNK: "a symbolic link"
    case S_IFIFO: "a named pipe"
    case S_IFSOCK: "a socket"
    default: "a device"
    }
  }

  /// The permission bits of a folder.
  fileprivate func folderMode(_ path: String) throws -> UInt32 {
    guard let stream = try openFolder(path) else { return 0o755 }
    defer { closedir(stream) }
    var status = stat()
    return fstat(dirfd(stream), &status) == 0 ? status.st_mode & 0o777 : 0o755
  }

  /// Sets a folder's permission bits.
  func setMode(ofFolder path: String, _ mode: UInt32) throws {
    guard let stream = try openFolder(path) else { return }
    defer { closedir(stream) }
    guard fchmod(dirfd(stream), mode) == 0 else { throw failure("given its permissions", path) }
  }

  /// Reads a regular file piece by piece.
  ///
  /// - Returns: Whether it exists.
  func read(_ path: String, eachPiece: ([UInt8]) throws -> Void) throws -> Bool {
    guard let file = try openToLook(path) else { return false }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
    var piece = [UInt8](repeating: 0, count: 256 << 10)
    while true {
      try Task.checkCancellation()
      let count = Glibc.read(file, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw DioptraError.system("\(self.path)/\(path) cannot be read", remedy: "Check the disk")
      }
      if count == 0 { return true }
      try eachPiece(Array(piece[..<count]))
    }
  }
}
