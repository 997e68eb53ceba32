internal import Glibc

extension ConfinedFolder {
  /// The names in a folder, in order; nil when there is no folder.
  public func names(in path: String) throws(DioptraError) -> [String]? {
    guard case .folder? = try entry(path) else { return nil }
    guard let stream = try openFolder(path) else { return nil }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// The paths of everything but folders that stands at a path and below it, in order; nil when nothing does.
  public func paths(at path: String) throws(DioptraError) -> [String]? {
    guard let entry = try entry(path) else { return nil }
    guard case .folder = entry else { return [path] }
    var paths: [String] = []
    for name in try names(in: path) ?? [] { paths += try self.paths(at: "\(path)/\(name)") ?? [] }
    return paths
  }
}
