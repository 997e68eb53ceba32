internal import Glibc

extension UnsafeMutablePointer<dirent> {
  /// The bytes of an entry's name.
  package var name: [UInt8] {
    withUnsafePointer(to: &pointee.d_name) { pointer in
      pointer.withMemoryRebound(to: UInt8.self, capacity: 256) { bytes in
        Array(UnsafeBufferPointer(start: bytes, count: 256).prefix { $0 != 0 })
      }
    }
  }

  /// Whether it is `.` or `..`.
  var isDots: Bool { name == [0x2E] || name == [0x2E, 0x2E] }
}

extension ConfinedFolder {
  /// The names in a folder, sorted; nil if there is no folder. Bytes that are not text are kept: see
  /// `String(exactly:)`.
  public func names(in path: String) throws(DioptraError) -> [String]? {
    guard case .folder? = try entry(path) else { return nil }
    guard let stream = try openFolder(path) else { return nil }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      if !entry.isDots { names.append(String(exactly: entry.name)) }
    }
    return names.sorted()
  }

  /// The paths of everything except folders at and below a path, sorted; nil if there is nothing.
  public func paths(at path: String) throws(DioptraError) -> [String]? {
    guard let entry = try entry(path) else { return nil }
    guard case .folder = entry else { return [path] }
    var paths: [String] = []
    for name in try names(in: path) ?? [] { paths += try self.paths(at: "\(path)/\(name)") ?? [] }
    return paths
  }
}
