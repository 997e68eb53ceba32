internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// The users' files that were overwritten: `.dioptra/kept/GENERATION/PATH`, readable only by the owner. Files
/// overwritten by a restoration are in `.dioptra/kept/restore-TIME/`.
///
/// Kept files are never overwritten: after an older State is restored, generation numbers repeat, and then
/// `GENERATION.2` takes what does not fit in `GENERATION`.
struct KeptFiles {
  static let root = "\(State.folder)/kept"
  let folder: ConfinedFolder

  init(in folder: ConfinedFolder) {
    self.folder = folder
  }

  /// The name of a restoration's folder.
  static func name(ofRestorationAt moment: Timestamp) -> String { "restore-\(moment.stamp)" }

  /// Keeps what is at a path; it is on disk when the folder is synced.
  ///
  /// For a symbolic link its target is kept, in a file with the ending `.link`.
  func keep(_ actual: Reconciler.Actual, of path: String, generation: Int) throws {
    switch actual {
    case .file(let bytes, _): try write(bytes, path, generation)
    case .other(.link):
      if let target = try folder.linkTarget(path) { try write(Array(target.utf8), "\(path).link", generation) }
    case .absent, .other: break
    }
  }

  private func write(_ bytes: [UInt8], _ path: String, _ generation: Int) throws {
    try place(path, below: String(generation)) { place in
      switch try folder.entry(place) {
      // An earlier attempt got this far.
      case .file? where try folder.read(place) == bytes: return true
      case nil: break
      default: return false
      }
      try folder.stage(place, bytes, mode: 0o600, folderMode: 0o700)
      let isFree = try folder.publishIfFree(place)
      if !isFree { folder.discardStaged(place) }
      return isFree
    }
  }

  /// Moves whatever is at a path to the kept files, including a folder's content.
  func move(_ path: String, below name: String) throws {
    try place(path, below: name) { try folder.move(path, to: $0) }
  }

  /// Finds a place for something to keep.
  ///
  /// - Parameter put: Puts it there, or reports that the place is taken and gets another one.
  private func place(_ path: String, below name: String, _ put: (String) throws -> Bool) throws {
    for number in 1...9_999 {
      let place = "\(Self.root)/\(name)\(number == 1 ? "" : ".\(number)")/\(path)"
      if try folder.obstacle(to: place) == nil, try put(place) { return }
    }
    throw DioptraError(
      .pathInvalid, "\(Self.root) has no room for \(path.quoted)", remedy: "Move older files away from there")
  }
}
