extension State {
  /// What an entry of the event chain tells.
  enum EventKind: String {
    case deploymentCreated = "deployment created"
    case secretAdded = "secret added"
    case runStarted = "run started"
    case runFinished = "run finished"
    case generationPlanned = "generation planned"
    case generationApplied = "generation applied"
    case generationAbandoned = "generation abandoned"
    case stepStarted = "step started"
    case stepFinished = "step finished"
  }

  /// Adds an entry to the chain, inside the transaction of what it tells.
  func record(_ kind: EventKind, _ details: [String: String], at now: Timestamp) throws {
    let last = try database.rows("SELECT id, digest FROM event ORDER BY id DESC LIMIT 1").first
    let id = (last?.integer(0) ?? 0) + 1
    let previous = last?.text(1) ?? ""
    let body = details.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "\n")
    let digest = Self.digest(id: id, at: now.description, kind: kind.rawValue, body: body, previous: previous)
    try database.rows(
      "INSERT INTO event (id, at, kind, body, previous, digest) VALUES (?, ?, ?, ?, ?, ?)",
      [
        .integer(Int64(id)), .text(now.description), .text(kind.rawValue), .text(body), .text(previous),
        .text(digest.hexadecimal),
      ])
  }

  /// The digest that binds an entry to all before it. Each part is preceded by its length, so that none can take the
  /// place of another.
  static func digest(id: Int, at: String, kind: String, body: String, previous: String) -> Digest {
    Digest(of: [String(id), at, kind, body, previous].map { "\($0.utf8.count):\($0)" }.joined())
  }
}
