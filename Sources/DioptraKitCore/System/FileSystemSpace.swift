internal import Glibc

/// A file system's space.
package enum FileSystemSpace {
  /// Bytes available to an ordinary user at a path, or at the nearest accessible folder above it.
  package static func free(at path: String) -> UInt64? {
    var path = path
    var facts = statvfs()
    while statvfs(path, &facts) != 0 {
      guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return nil }
      path = String(path[..<slash])
    }
    return UInt64(facts.f_bavail) * UInt64(facts.f_frsize)
  }
}
