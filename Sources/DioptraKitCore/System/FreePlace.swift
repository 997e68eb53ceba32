internal import CLinux
internal import Glibc

/// Names that are given only where they are free: nothing is ever replaced.
extension ConfinedFolder {
  /// Gives a staged file its name.
  ///
  /// - Returns: Whether the name was free; otherwise the file is still staged.
  package func publishIfFree(_ path: String) throws(DioptraError) -> Bool {
    guard let parent = try openParent(of: path, creating: nil) else { throw failure("written", path) }
    defer { parent.close() }
    return try rename(parent, parent.staged, to: parent, of: path)
  }

  /// Gives an entry of one folder the name of another place.
  ///
  /// - Returns: Whether it was free.
  package func rename(
    _ source: Parent, _ name: UnsafePointer<CChar>, to target: Parent, of path: String
  ) throws(DioptraError) -> Bool {
    guard FaultInjection.mayProceed() else { throw failure("moved", path) }
    if renameat2(source.descriptor, name, target.descriptor, target.name, Self.noReplace) == 0 { return true }
    if errno == EEXIST { return false }
    // Some file systems know no such renaming.
    guard errno == EINVAL || errno == ENOSYS else { throw failure("moved", path) }
    var status = stat()
    if fstatat(target.descriptor, target.name, &status, AT_SYMLINK_NOFOLLOW) == 0 { return false }
    guard renameat(source.descriptor, name, target.descriptor, target.name) == 0 else { throw failure("moved", path) }
    return true
  }

  /// Creates a small file of the program's own where there is none. Other hosts that share the folder see all of it or
  /// no file.
  ///
  /// - Parameter ending: Makes the name, beside the file, that it is written under. No other process uses it at the
  ///   time.
  /// - Returns: Whether it was created; if not, `errno` says why.
  package func create(_ path: String, _ text: String, writtenWith ending: String) throws(DioptraError) -> Bool {
    guard let parent = try openParent(of: path, creating: nil) else { throw failure("written", path) }
    defer { parent.close() }
    guard FaultInjection.mayProceed() else { return false }
    let staged = "\(path.pathParts.last ?? path).\(ending)".diskName
    // A process that was killed may have left one.
    unlinkat(parent.descriptor, staged, 0)
    let file = openat(parent.descriptor, staged, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else { return false }
    let isCreated = Self.write(text, to: file) && Self.link(staged, to: parent)
    let code = errno
    unlinkat(parent.descriptor, staged, 0)
    errno = code
    return isCreated
  }

  /// Writes a new file and closes it, which is when a network file system sends it to the server.
  private static func write(_ text: String, to file: Int32) -> Bool {
    let bytes = Array(text.utf8)
    let isWritten = Glibc.write(file, bytes, bytes.count) == bytes.count
    let code = errno
    guard close(file) == 0 else { return false }
    errno = code
    return isWritten
  }

  /// Gives a complete file its name, unless that is taken.
  private static func link(_ staged: [CChar], to parent: Parent) -> Bool {
    if linkat(parent.descriptor, staged, parent.descriptor, parent.name, 0) == 0 { return true }
    let code = errno
    // A network file system may repeat a request whose answer was lost: the second one finds the name taken by the
    // first.
    var status = stat()
    if fstatat(parent.descriptor, staged, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_nlink == 2 { return true }
    errno = code
    // Some file systems have no second names.
    guard [EPERM, EOPNOTSUPP, ENOSYS].contains(code) else { return false }
    return renameat2(parent.descriptor, staged, parent.descriptor, parent.name, noReplace) == 0
  }
}
