internal import DioptraModel
package import DioptraSystem

extension State {
  /// How a run ended.
  package enum RunOutcome: String, Sendable, Codable {
    case succeeded
    case failed
    /// Stopped by conflicts or a guard; nothing was done.
    case stopped
  }

  /// Who runs what.
  public struct RunDescription: Sendable {
    package let arguments: [String]
    package let version: String
    package let user: String
    package let host: String
    /// Whether an earlier backup still contains everything after the run.
    package private(set) var keepsBackup = false

    /// - Parameter arguments: The program's name and its arguments. Secrets in them are not stored.
    public init(arguments: [String], version: String, user: String, host: String) {
      self.arguments = arguments
      self.version = version
      self.user = user
      self.host = host
    }

    /// The run of a command that changes nothing in a backup, so that an earlier one stays current.
    package var keepingBackup: Self {
      var description = self
      description.keepsBackup = true
      return description
    }
  }

  /// Records the start of a run; a run without an end whose process is gone was interrupted.
  func startRun(_ run: RunDescription, now: Timestamp) throws -> Int {
    try database.transaction {
      let command = RecordedCommand(run.arguments, hiding: try secretValues()).text
      let newest: Int? = try database.value("SELECT max(id) FROM run")
      let id = (newest ?? 0) + 1
      try database.run(
        "INSERT INTO run (id, command, version, user, host, started_at, keeps_backup) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
          .integer(id), .text(command), .text(run.version), .text(run.user), .text(run.host),
          .text(now.description), .integer(run.keepsBackup ? 1 : 0),
        ])
      try record(
        .runStarted, ["run": String(id), "command": command, "user": run.user, "host": run.host],
        binding: [Binding(.run, .integer(id)), Binding(.runEffect, .integer(id))], at: now)
      return id
    }
  }

  /// The newest run, if it has no end.
  package func unfinishedRun() throws -> FolderLock.UnfinishedRun? {
    try database.first(
      """
      SELECT command, host, started_at FROM run
      WHERE id = (SELECT max(id) FROM run) AND finished_at IS NULL
      """
    ) { row in
      let startedAt: String = try row["started_at"]
      return FolderLock.UnfinishedRun(
        command: try row["command"], host: try row["host"], since: Timestamp(rfc3339: startedAt))
    }
  }

  func hasRun(_ id: Int) throws -> Bool {
    try database.hasRow("SELECT 1 FROM run WHERE id = ?", [.integer(id)])
  }

  func finishRun(_ id: Int, _ outcome: RunOutcome, now: Timestamp) throws {
    try database.transaction {
      try database.run(
        "UPDATE run SET finished_at = ?, outcome = ? WHERE id = ?",
        [.text(now.description), .text(outcome.rawValue), .integer(id)])
      try record(
        .runFinished, ["run": String(id), "outcome": outcome.rawValue],
        binding: [Binding(.runEnd, .integer(id))], at: now)
    }
  }
}

extension FolderLock {
  /// - Parameters:
  /// - command: The holder's name in messages to others.
  /// - Throws: `DioptraError` that names the holder if another process has the lock or another host is working.
  package convenience init(in folder: ConfinedFolder, command: String, now: Timestamp) throws(DioptraError) {
    try self.init(in: folder, command: command, now: now) { folder in
      (try? State(readingIn: folder)).flatMap { try? $0.unfinishedRun() }
    }
  }
}

extension State.RunOutcome: SQLReadable {}
