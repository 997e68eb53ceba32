internal import Glibc

extension State {
  /// Hands over the bytes of a copy of State as it is now, piece by piece. The holder of the lock calls this.
  func copy(in folder: ConfinedFolder, eachPiece: ([UInt8]) throws -> Void) throws {
    let copy = "\(Self.folder)/copy.db"
    try folder.stage(copy, [], mode: 0o600)
    defer { folder.discardStaged(copy) }
    let staged = folder.stagedPath(of: copy)
    try database.copy(into: String(staged.dropFirst(Self.folder.count + 1)))
    guard try folder.read(staged, eachPiece: eachPiece) else {
      throw DioptraError("the copy of State is gone again", remedy: "Run the command again")
    }
  }
}
