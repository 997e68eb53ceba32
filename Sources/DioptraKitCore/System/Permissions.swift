/// Permission bits of files.
extension UInt32 {
  /// Whether a file with these permissions does for one that is to have others.
  ///
  /// Of a file that is closed to others every bit counts. Of any other only what its owner may execute does, and that
  /// not everybody may write to it: umasks and version control change the rest.
  package func isAsGood(as wanted: UInt32) -> Bool {
    if self == wanted { return true }
    guard wanted & 0o077 != 0 else { return false }
    return (self ^ wanted) & 0o7100 == 0 && self & 0o400 != 0 && self & 0o002 & ~wanted == 0
  }

  /// The same permissions for a file that can, or can no longer, be executed; nil where that is not the difference.
  package func becoming(_ wanted: UInt32) -> UInt32? {
    guard wanted & 0o077 != 0 else { return nil }
    return wanted & 0o100 == 0 ? self & ~0o111 : self | (self & 0o444) >> 2
  }
}
