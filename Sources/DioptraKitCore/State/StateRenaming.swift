internal import DioptraModel
public import DioptraSystem

extension State {
  /// A move of the data to volumes of another prefix that has begun and not ended.
  public struct UnfinishedRenaming: Equatable, Sendable {
    public let from: String
    public let to: String
  }

  static let renamingName = "renaming"

  /// The move that has not ended; nil where there is none.
  public func unfinishedRenaming() throws -> UnfinishedRenaming? {
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

  /// Says that the data are where the files say.
  public func endRenaming(now: Timestamp) throws {
    try database.transaction {
      try setFact(Self.renamingName, "")
      try record(.renamingEnded, [:], binding: [Binding(.deployment, .text(Self.renamingName))], at: now)
    }
  }
}
