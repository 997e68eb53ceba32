internal import Glibc

/// A folder of the file system whose paths never lead out of it: each part of a path is opened by itself, and a symbolic
/// link on the way is an error.
///
/// Of a deployment's folder, what is made in it belongs to the folder's owner, also when root makes it: see `Caller`.
public final class ConfinedFolder: Sendable {
  /// What stands at a path.
  public enum Entry: Equatable, Sendable {
    /// A regular file with its permission bits.
    case file(mode: UInt32)
    case folder
    case link
    case other
  }

  /// The absolute path. Of a deployment's folder it is that of what was opened, without symbolic links.
  public let path: String
  package let descriptor: Int32

  /// Opens a folder that exists and is a deployment's; from then on root works as its owner.
  ///
  /// - Throws: `DioptraError` for the folder of somebody whom the caller does not trust.
  public init(path: String) throws(DioptraError) {
    descriptor = try Self.open(path)
    self.path = Self.path(of: descriptor) ?? path
    try FolderTrust.check(descriptor, path: self.path)
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure("looked at", ".") }
    try Caller.act(as: status.st_uid, group: status.st_gid, at: self.path)
  }

  /// Opens a folder that exists and is no deployment's, whoever owns it.
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

  /// The absolute path without symbolic links: SQLite opens no path that has one, wherever it stands.
  package var canonicalPath: String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(exactly: UnsafeBufferPointer(start: resolved, count: strlen(resolved)).map { UInt8(bitPattern: $0) })
  }

  // MARK: Walking

  package struct Parent {
    package let descriptor: Int32
    /// As the system takes it.
    package let name: [CChar]
    /// Whether the descriptor is the parent's alone, not the whole folder's.
    package let isOwn: Bool
    /// The same for what `stage` leaves beside the place.
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

  /// Opens the folder that a path's last part stands in.
  ///
  /// - Parameter creating: The mode of folders that are missing; nil to give nil instead.
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
    // Another process may have made it meanwhile; opening it decides.
    let isNew = mkdirat(parent, name, mode) == 0
    let folder = openat(parent, name, flags)
    guard isNew, folder >= 0 else { return folder }
    fchmod(folder, mode)
    return folder
  }

  /// What a path in the folder leads through is none of the folder.
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

  /// The first thing on the way to a path that is no folder; nil where the way is free, or ends.
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
