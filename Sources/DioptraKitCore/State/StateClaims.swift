extension State {
  /// A volume without our label that is this deployment's, because it was adopted with it.
  struct Claim: Equatable, Sendable {
    /// The engine's own name for itself.
    let engine: String
    /// The engine's name for the volume.
    let volume: String
    /// As the engine says it; nil where it tells nothing lasting.
    let createdAt: String?
  }

  /// Claims volumes for the deployment.
  func claim(_ claims: [Claim], run: Int, now: Timestamp) throws {
    try database.transaction {
      for claim in claims {
        try database.rows(
          """
          INSERT INTO claim (engine, volume, run, created_at) VALUES (?, ?, ?, ?)
          ON CONFLICT (engine, volume) DO UPDATE SET run = excluded.run, created_at = excluded.created_at
          """,
          [
            .text(claim.engine), .text(claim.volume), .integer(Int64(run)),
            claim.createdAt.map { .text($0) } ?? .null,
          ])
        try record(
          .volumeClaimed, ["engine": claim.engine, "volume": claim.volume],
          binding: [Binding(.claim, .text(claim.engine), .text(claim.volume))], at: now)
      }
    }
  }

  /// The volumes of an engine that the deployment claims, by name.
  func claims(on engine: String) throws -> [String: Claim] {
    let rows = try database.rows("SELECT volume, created_at FROM claim WHERE engine = ?", [.text(engine)])
    return Dictionary(
      uniqueKeysWithValues: rows.map { row in
        let volume = row.text(0) ?? ""
        return (volume, Claim(engine: engine, volume: volume, createdAt: row.text(1)))
      })
  }
}
