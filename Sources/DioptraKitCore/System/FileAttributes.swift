internal import CLinux
internal import Glibc

/// A file's attributes besides its bytes and permission bits: access control list, labels, user attributes.
struct FileAttributes {
  private static let accessList = "system.posix_acl_access"
  private let values: [String: [UInt8]]

  /// The attributes of an open file; none if there is no file, or its file system has none.
  init(of file: Int32) {
    var values: [String: [UInt8]] = [:]
    for name in Self.names(of: file) { values[name] = Self.value(name, of: file) }
    self.values = values
  }

  var hasAccessList: Bool { values[Self.accessList] != nil }

  /// Sets the attributes on a file that already has its permission bits.
  ///
  /// The list includes its mask, which then becomes the permission bits of the group. If these must differ, or the list
  /// cannot be set, everyone whom the list gave access loses it.
  ///
  /// - Parameters:
  /// - old: The permission bits of the file that the attributes come from.
  /// - mode: The permission bits of the new file.
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
  /// Whether an access control list grants or denies other access than the permission bits.
  package func hasAccessList(_ path: String) -> Bool {
    guard let file = try? openToLook(path) else { return false }
    defer { close(file) }
    return FileAttributes(of: file).hasAccessList
  }
}
