internal import Glibc

/// A folder whose paths never lead out of it: each part of a path is opened separately, and a symbolic link on the way
/// is an error.
///
/// Files created in a deployment's folder belong to the folder's owner, even if root creates them; see `Caller`.
public final class ConfinedFolder: Sendable {
  /// What a path refers to.
  public enum Entry: Equatable, Sendable {
    /// A regular file, with its permission bits.
    case file(mode: UInt32)
    case folder
    case link
    case other
  }

  /// The absolute path. For a deployment's folder, the path of what was opened, without symbolic links.
  public let path: String
  package let descriptor: Int32

  /// Opens an existing deployment's folder; from then on root works as its owner.
  ///
  /// - Throws: `DioptraError` if the folder belongs to a user whom the caller does not trust.
  public init(path: String) throws(DioptraError) {
    descriptor = try Self.open(path)
    self.path = Self.path(of: descriptor) ?? path
    try FolderTrust.check(descriptor, path: self.path)
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure("looked at", ".") }
    try Caller.act(as: status.st_uid, group: status.st_gid, at: self.path)
  }

  /// Opens an existing folder that is not a deployment's, whoever owns it.
  public init(outside path: String) throws(DioptraError) {
    descriptor = try Self.open(path)
    self.path = path
  }

  private static func open(_ path: String) throws(DioptraError) -> Int32 {
    let descriptor = Glibc.open(path.diskName, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor < 0 else { return descriptor }
    throw .system("the folder \(path) cannot be opened", remedy: "Check the path and your permissions")
  }

  private static func path(of descriptor: Int32) -> String? {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/fd/\(descriptor)", &path, path.count)
    guard count > 0, path[0] == CChar(bitPattern: UInt8(ascii: "/")) else { return nil }
    return String(exactly: path[..<count].map { UInt8(bitPattern: $0) })
  }

  deinit {
    close(descriptor)
  }

  /// The absolute path without symbolic links; SQLite refuses paths that contain one.
  package var canonicalPath: String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(exactly: UnsafeBufferPointer(start: resolved, count: strlen(resolved)).map { UInt8(bitPattern: $0) })
  }

  // MARK: Walking

  package struct Parent {
    package let descriptor: Int32
    /// In the form that system calls take.
    package let name: [CChar]
    /// Whether the descriptor belongs to this value rather than to the folder.
    package let isOwn: Bool
    /// The same for the temporary file that `stage` creates.
    package let staged: [CChar]

    init(_ name: String, descriptor: Int32, isOwn: Bool) {
      self.descriptor = descriptor
      self.name = name.diskName
      staged = Self.staged(name).diskName
      self.isOwn = isOwn
    }

    package static func staged(_ name: String) -> String { ".\(name).dioptra-new" }

    package func close() {
      if isOwn { Glibc.close(descriptor) }
    }
  }

  /// Opens the folder that contains a path's last part.
  ///
  /// - Parameter creating: The mode for missing folders; nil to return nil instead of creating them.
  package func openParent(of path: String, creating mode: UInt32?) throws(DioptraError) -> Parent? {
    let parts = path.pathParts
    guard let name = parts.last, !parts.contains(where: { $0.isEmpty || $0 == ".." || $0.utf8.contains(0) }) else {
      throw DioptraError(
        .pathInvalid, "\(path.quoted) is not a path inside the folder", remedy: "Give a path without '..'")
    }
    var current = descriptor
    func leave() {
      if current != descriptor { close(current) }
    }
    for (index, part) in parts.dropLast().enumerated() {
      let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
      var next = openat(current, part.diskName, flags)
      if next < 0, errno == ENOENT {
        guard let mode else {
          leave()
          return nil
        }
        next = makeAndOpen(part.diskName, in: current, mode: mode, flags)
      }
      guard next >= 0 else {
        let code = errno
        let isLink = Self.entry(part.diskName, in: current) == .link
        leave()
        errno = code
        guard isLink || code == ENOTDIR || code == ELOOP else { throw failure("opened", path) }
        throw Self.blocked("\(self.path)/\(parts[...index].joined(separator: "/"))", isLink: isLink)
      }
      leave()
      current = next
    }
    return Parent(name, descriptor: current, isOwn: current != descriptor)
  }

  private func makeAndOpen(_ name: [CChar], in parent: Int32, mode: UInt32, _ flags: Int32) -> Int32 {
    guard FaultInjection.mayProceed() else { return -1 }
    // Another process may have created it meanwhile; opening it decides.
    let isNew = mkdirat(parent, name, mode) == 0
    let folder = openat(parent, name, flags)
    guard isNew, folder >= 0 else { return folder }
    fchmod(folder, mode)
    return folder
  }

  /// The error for a part of a path that is not a folder.
  private static func blocked(_ path: String, isLink: Bool) -> DioptraError {
    guard isLink else {
      return DioptraError(
        .fileUnsuitable, "\(path) is not a folder", remedy: "Move it away, and put the folder in its place")
    }
    return DioptraError(
      .fileUnsuitable, "\(path) is a symbolic link, and dioptra follows none inside a deployment",
      remedy: "Put the folder itself there",
      "Mount the other folder in its place: \(run: "sudo", "mount", "--bind", "FOLDER", path)")
  }

  /// The first part of a path that is not a folder; nil if there is none or the path ends before.
  package func obstacle(to path: String) throws(DioptraError) -> (path: String, entry: Entry)? {
    let parts = path.pathParts.dropLast()
    for count in parts.indices.map({ $0 + 1 }) {
      let place = parts[..<count].joined(separator: "/")
      switch try entry(place) {
      case .folder?: continue
      case nil: return nil
      case let entry?: return (place, entry)
      }
    }
    return nil
  }

  package func failure(_ action: String, _ path: String) -> DioptraError {
    if errno == ELOOP { return .link("\(self.path)/\(path)") }
    return failureOfSystem(action, path)
  }

  private func failureOfSystem(_ action: String, _ path: String) -> DioptraError {
    .system("\(self.path)/\(path) cannot be \(action)", remedy: "Check the path, the permissions and the free space")
  }
}
