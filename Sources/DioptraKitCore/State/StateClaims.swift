internal import DioptraModel
package import DioptraSystem

extension State {
  /// An adopted volume, which belongs to the deployment without having its label.
  package struct Claim: Equatable, Sendable {
    /// The engine's id.
    package let engine: String
    /// The engine's name for the volume.
    package let volume: String
    /// As the engine reports it; nil if that is not reliable.
    package let createdAt: String?

    package init(engine: String, volume: String, createdAt: String?) {
      self.engine = engine
      self.volume = volume
      self.createdAt = createdAt
    }
  }

  /// Claims volumes for the deployment.
  package func claim(_ claims: [Claim], run: Int, now: Timestamp) throws {
    try database.transaction {
      for claim in claims {
        try database.run(
          """
          INSERT INTO claim (engine, volume, run, created_at) VALUES (?, ?, ?, ?)
          ON CONFLICT (engine, volume) DO UPDATE SET run = excluded.run, created_at = excluded.created_at
          """,
          [.text(claim.engine), .text(claim.volume), .integer(run), SQLValue(claim.createdAt)])
        try record(
          .volumeClaimed, ["engine": claim.engine, "volume": claim.volume],
          binding: [Binding(.claim, .text(claim.engine), .text(claim.volume))], at: now)
      }
    }
  }

  /// Whether the deployment was adopted from the reference template.
  package var wasAdopted: Bool {
    get throws {
      try database.hasRow(
        "SELECT 1 FROM generation WHERE template_version = ? AND applied_at IS NOT NULL LIMIT 1",
        [.integer(GenerationVersion.referenceTemplate)])
    }
  }

  /// The volumes of an engine that the deployment claims, by name.
  package func claims(on engine: String) throws -> [String: Claim] {
    let claims = try database.all("SELECT volume, created_at FROM claim WHERE engine = ?", [.text(engine)]) { row in
      Claim(engine: engine, volume: try row["volume"], createdAt: try row["created_at"])
    }
    return Dictionary(uniqueKeysWithValues: claims.map { ($0.volume, $0) })
  }
}
