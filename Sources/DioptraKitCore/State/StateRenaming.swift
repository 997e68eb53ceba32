internal import DioptraModel
package import DioptraSystem

extension State {
  /// An unfinished move of the data to volumes with another prefix.
  package struct UnfinishedRenaming: Equatable, Sendable {
    /// The old prefix.
    package let from: String
    /// The new prefix.
    package let to: String
  }

  static let renamingName = "renaming"

  /// The unfinished move; nil if there is none.
  package func unfinishedRenaming() throws -> UnfinishedRenaming? {
    let slugs = try fact(Self.renamingName)?.split(separator: " ").map(String.init) ?? []
    return slugs.count == 2 ? UnfinishedRenaming(from: slugs[0], to: slugs[1]) : nil
  }

  package func beginRenaming(from old: String, to new: String, now: Timestamp) throws {
    try database.transaction {
      try setFact(Self.renamingName, "\(old) \(new)")
      try record(
        .renamingBegun, ["from": old, "to": new], binding: [Binding(.deployment, .text(Self.renamingName))], at: now)
    }
  }

  /// Records that the move is complete.
  package func endRenaming(now: Timestamp) throws {
    try database.transaction {
      try setFact(Self.renamingName, "")
      try record(.renamingEnded, [:], binding: [Binding(.deployment, .text(Self.renamingName))], at: now)
    }
  }
}
