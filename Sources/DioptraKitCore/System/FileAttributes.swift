internal import CLinux
internal import Glibc

/// What a file has besides its bytes and its permission bits: its access control list, labels, attributes of its user's.
struct FileAttributes {
  private static let accessList = "system.posix_acl_access"
  private let values: [String: [UInt8]]

  /// Those of an open file; none where there is no file, or its file system has none.
  init(of file: Int32) {
    var values: [String: [UInt8]] = [:]
    for name in Self.names(of: file) { values[name] = Self.value(name, of: file) }
    self.values = values
  }

  var hasAccessList: Bool { values[Self.accessList] != nil }

  /// Gives them to a file that has its permission bits already.
  ///
  /// The list goes with its mask, which the bits of the group then are: where these are to be others, and where the list
  /// cannot be given, the file is closed to all that the list opened it to.
  ///
  /// - Parameters:
  ///   - old: The permission bits of the file that had them.
  ///   - mode: Those of the new one.
  func give(to file: Int32, old: UInt32, mode: UInt32) {
    for (name, value) in values where name != Self.accessList { fsetxattr(file, name, value, value.count, 0) }
    guard let list = values[Self.accessList] else { return }
    let isSame = (old ^ mode) & 0o070 == 0
    if isSame, fsetxattr(file, Self.accessList, list, list.count, 0) == 0 { return }
    fchmod(file, isSame ? mode & ~0o070 : mode)
  }

  private static func names(of file: Int32) -> [String] {
    let size = flistxattr(file, nil, 0)
    guard size > 0 else { return [] }
    var list = [CChar](repeating: 0, count: size)
    let count = flistxattr(file, &list, list.count)
    guard count > 0 else { return [] }
    return list[..<count].split(separator: 0).map { String(exactly: $0.map { UInt8(bitPattern: $0) }) }
  }

  private static func value(_ name: String, of file: Int32) -> [UInt8]? {
    let size = fgetxattr(file, name, nil, 0)
    guard size >= 0 else { return nil }
    var value = [UInt8](repeating: 0, count: size)
    let count = fgetxattr(file, name, &value, value.count)
    return count >= 0 ? Array(value[..<count]) : nil
  }
}

extension ConfinedFolder {
  /// Whether an access control list opens a file, or closes it, to others than its permission bits say.
  package func hasAccessList(_ path: String) -> Bool {
    guard let file = try? openToLook(path) else { return false }
    defer { close(file) }
    return FileAttributes(of: file).hasAccessList
  }
}
