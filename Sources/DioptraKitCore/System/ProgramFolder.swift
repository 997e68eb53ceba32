/// The names that a deployment's folder is recognised by.
package enum ProgramFolder {
  /// The folder of everything that only the program reads.
  package static let name = ".dioptra"
  /// The database in it.
  package static let state = "\(name)/state.db"
  /// What the user chooses.
  package static let configuration = "dioptra.yaml"

  /// Makes the folder of what only the program reads, which no repository takes in.
  package static func make(in folder: ConfinedFolder) throws(DioptraError) {
    try folder.makeFolder(name, mode: 0o700)
    if try folder.entry("\(name)/.gitignore") == nil {
      try folder.write("\(name)/.gitignore", Array("*\n".utf8), mode: 0o600, synced: false)
    }
  }
}
