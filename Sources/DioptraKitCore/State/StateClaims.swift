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

  /// Whether the deployment was taken over from the reference template.
  var wasAdopted: Bool {
    get throws {
      try !database.rows(
        "SELECT 1 FROM generation WHERE template_version = \(GenerationVersion.referenceTemplate) AND applied_at IS NOT NULL LIMIT 1"
      )
      .isEmpty
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

extension State.Claim {
  /// Whether the volume of that name is still the one that was claimed.
  func holds(for volume: DockerEngine.VolumeFacts) -> Bool {
    volume.labels?[DockerEngine.deploymentLabel] == nil && (createdAt == nil || createdAt == volume.createdAt)
  }
}

extension DockerEngine {
  /// Whether the time at which the engine says that a volume was made stays the same: before Docker 23 it moves with
  /// what is in the volume.
  var tellsCreation: Bool { (Int(version.prefix { $0.isNumber }) ?? 0) >= 23 }
}

extension DockerEngine.VolumeFacts {
  /// Tells the volume from another one of the same name, where the deployment claims one.
  func mark(_ claim: State.Claim?) -> String {
    guard let claim, !claim.holds(for: self), labels?[DockerEngine.volumeLabel] == nil else { return mark }
    return "another one than was adopted"
  }
}
