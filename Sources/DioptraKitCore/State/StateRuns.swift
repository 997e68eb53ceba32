internal import DioptraModel
public import DioptraSystem

extension State {
  /// How a run ended.
  public enum RunOutcome: String, Sendable, Codable {
    case succeeded
    case failed
    /// Conflicts or a guard stopped it; nothing was done.
    case stopped
  }

  /// Who runs what.
  public struct RunDescription: Sendable {
    package let words: [String]
    package let version: String
    package let user: String
    package let host: String

    /// - Parameter words: The program's name and its arguments. What is secret in them is not kept.
    public init(words: [String], version: String, user: String, host: String) {
      self.words = words
      self.version = version
      self.user = user
      self.host = host
    }
  }

  /// Notes that a run began; a run without an end whose process is gone was interrupted.
  func startRun(_ run: RunDescription, now: Timestamp) throws -> Int {
    try database.transaction {
      let command = RecordedCommand(run.words, hiding: try secretValues()).text
      let id = (try database.rows("SELECT max(id) FROM run").first?.integer(0) ?? 0) + 1
      try database.rows(
        "INSERT INTO run (id, command, version, user, host, started_at) VALUES (?, ?, ?, ?, ?, ?)",
        [
          .integer(Int64(id)), .text(command), .text(run.version), .text(run.user), .text(run.host),
          .text(now.description),
        ])
      try record(
        .runStarted, ["run": String(id), "command": command, "user": run.user, "host": run.host],
        binding: [Binding(.run, .integer(Int64(id)))], at: now)
      return id
    }
  }

  /// The newest run, where it has no end.
  package func unfinishedRun() throws -> FolderLock.UnfinishedRun? {
    let row = try database.rows("SELECT command, host, started_at, finished_at FROM run ORDER BY id DESC LIMIT 1").first
    guard let row, row.text(3) == nil else { return nil }
    return FolderLock.UnfinishedRun(
      command: row.text(0) ?? "", host: row.text(1) ?? "", since: row.text(2).flatMap { Timestamp(rfc3339: $0) })
  }

  func hasRun(_ id: Int) throws -> Bool {
    try !database.rows("SELECT 1 FROM run WHERE id = ?", [.integer(Int64(id))]).isEmpty
  }

  func finishRun(_ id: Int, _ outcome: RunOutcome, now: Timestamp) throws {
    try database.transaction {
      try database.rows(
        "UPDATE run SET finished_at = ?, outcome = ? WHERE id = ?",
        [.text(now.description), .text(outcome.rawValue), .integer(Int64(id))])
      try record(
        .runFinished, ["run": String(id), "outcome": outcome.rawValue],
        binding: [Binding(.runEnd, .integer(Int64(id)))], at: now)
    }
  }
}

extension FolderLock {
  /// - Parameters:
  ///   - command: What the holder is called when somebody else asks.
  /// - Throws: `DioptraError` that names the holder when another process has the lock, or another host is at work.
  public convenience init(in folder: ConfinedFolder, command: String, now: Timestamp) throws(DioptraError) {
    try self.init(in: folder, command: command, now: now) { folder in
      (try? State(readingIn: folder)).flatMap { try? $0.unfinishedRun() }
    }
  }
}
