internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// A folder as it will be after some files are written: the plan on top of the disk.
struct FolderPreview: Sendable {
  let folder: ConfinedFolder
  /// The future bytes of a path; nil for a file that is removed.
  let planned: [String: [UInt8]?]

  init(_ folder: ConfinedFolder, planned: [String: [UInt8]?] = [:]) {
    self.folder = folder
    self.planned = planned
  }

  /// The bytes of a file; nil if there is none.
  func read(_ path: String) throws -> [UInt8]? {
    if let bytes = planned[path] { return bytes }
    guard case .file? = try folder.entry(path) else { return nil }
    return try folder.read(path)
  }

  /// What is at a path, including a folder's content: a digest of names and contents; `absent` for nothing.
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
