internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// A folder as it will be once some files are written: what is planned, over what is there.
struct FolderPreview: Sendable {
  let folder: ConfinedFolder
  /// The bytes that a path will have; nil for a file that goes.
  let planned: [String: [UInt8]?]

  init(_ folder: ConfinedFolder, planned: [String: [UInt8]?] = [:]) {
    self.folder = folder
    self.planned = planned
  }

  /// The bytes of a file; nil where there is none.
  func read(_ path: String) throws -> [UInt8]? {
    if let bytes = planned[path] { return bytes }
    guard case .file? = try folder.entry(path) else { return nil }
    return try folder.read(path)
  }

  /// What stands at a path, and in the folder there: the digest of names and contents; `absent` for nothing.
  func digest(of path: String) throws -> String {
    if let obstacle = try folder.obstacle(to: path) { return "\(obstacle.path) is \(obstacle.entry.phrase)" }
    let below = "\(path)/"
    var paths = Set(try folder.paths(at: path) ?? [])
    for (file, bytes) in planned where file == path || file.hasPrefix(below) {
      if bytes == nil { paths.remove(file) } else { paths.insert(file) }
    }
    if paths.isEmpty {
      guard case .folder? = try folder.entry(path) else { return "absent" }
    }
    let lines = try paths.sorted().map { path in
      guard let bytes = try read(path) else { return "\(path) is no file" }
      return "\(path) \(Digest(of: bytes).hexadecimal)"
    }
    return Digest(of: lines.joined(separator: "\n")).hexadecimal
  }
}
