/// The names by which a deployment's folder is recognised.
package enum ProgramFolder {
  /// The program's own folder.
  package static let name = ".dioptra"
  /// The database in it.
  package static let state = "\(name)/state.db"
  /// The user's configuration.
  package static let configuration = "dioptra.yaml"

  /// Creates the program's own folder, which repositories ignore.
  package static func make(in folder: ConfinedFolder) throws(DioptraError) {
    try folder.makeFolder(name, mode: 0o700)
    if try folder.entry("\(name)/.gitignore") == nil {
      try folder.write("\(name)/.gitignore", Array("*\n".utf8), mode: 0o600, synced: false)
    }
  }
}
