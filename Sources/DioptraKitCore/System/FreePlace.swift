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
}
