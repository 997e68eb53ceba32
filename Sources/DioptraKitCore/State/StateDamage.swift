internal import DioptraModel
package import DioptraSystem

/// An unusable State.
extension State {
  /// - Parameter what: Continues after the file's path.
  static func damage(_ what: String, in folder: String) -> DioptraError {
    DioptraError(.stateDamaged, "\(folder)/\(file) \(what)", remedies: waysOut(of: folder))
  }

  private static func waysOut(of folder: String) -> [Remedy] {
    [
      "Restore a backup with \(dioptra: "restore", "FILE", folder, "--overwrite")",
      "Run \(dioptra: "adopt", folder), which moves \(Self.folder) aside and takes the passwords from the folder's files",
    ]
  }

  /// Whether there is a file for State.
  ///
  /// - Throws: `DioptraError` if something else is in its place.
  package static func isThere(in folder: ConfinedFolder) throws(DioptraError) -> Bool {
    switch try folder.entry(file) {
    case nil: return false
    case .file: return true
    case .link: throw damage("is a symbolic link, and State has to be a file of its own", in: folder.path)
    case .folder: throw damage("is a folder", in: folder.path)
    case .other: throw damage("is not a regular file", in: folder.path)
    }
  }

  /// Refuses an empty State next to secrets, which it must have known once.
  static func refuseLoss(in folder: ConfinedFolder) throws(DioptraError) {
    guard try DeploymentFolder.hasSecrets(folder) else { return }
    throw damage("is empty, but the folder has secrets, which it knew once", in: folder.path)
  }

  /// Moves the program's own folder out of the way of a new State. The holder of the lock, which moves along, calls
  /// this.
  ///
  /// - Returns: The new place; nil if there was nothing to keep, because an earlier command was killed before it wrote
  ///   anything.
  package static func moveAside(in folder: ConfinedFolder) throws(DioptraError) -> String? {
    let beginnings: Set = [".gitignore", "lock", "lock.holder", "state.db", "state.db-journal"]
    let names = try folder.names(in: Self.folder) ?? []
    if case .file? = try folder.entry(file), try folder.size(of: file) == 0, beginnings.isSuperset(of: names) {
      for ending in ["-journal", ""] { try folder.remove(file + ending) }
      return nil
    }
    return try folder.moveAside(Self.folder, as: "damaged")
  }

  /// Checks that everything in the file is as it was written.
  ///
  /// - Throws: `DioptraError` otherwise.
  package func checkIntegrity() throws {
    let said: String? = try database.value("PRAGMA quick_check(1)")
    guard said == "ok" else { throw database.damage("is damaged or no database: \(said ?? "no answer")") }
  }
}
