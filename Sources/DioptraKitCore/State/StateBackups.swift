internal import DioptraModel
package import DioptraSystem

extension State {
  /// A copy of the whole deployment in one file.
  public struct Backup: Equatable, Sendable {
    /// The run that made it.
    public let run: Int
    /// The absolute path that it was written to.
    public let path: String
    /// SHA-256 of the file's bytes.
    public let digest: String
    /// The file's size in bytes.
    public let bytes: Int
    public let isEncrypted: Bool
    /// RFC 3339, UTC.
    public let finishedAt: String

    package init(run: Int, path: String, digest: String, bytes: Int, isEncrypted: Bool, finishedAt: String) {
      self.run = run
      self.path = path
      self.digest = digest
      self.bytes = bytes
      self.isEncrypted = isEncrypted
      self.finishedAt = finishedAt
    }
  }

  /// Notes that a backup is complete.
  package func record(_ backup: Backup, now: Timestamp) throws {
    try database.transaction {
      try database.rows(
        "INSERT INTO backup (run, path, digest, bytes, encrypted, finished_at) VALUES (?, ?, ?, ?, ?, ?)",
        [
          .integer(Int64(backup.run)), .text(backup.path), .text(backup.digest), .integer(Int64(backup.bytes)),
          .integer(backup.isEncrypted ? 1 : 0), .text(backup.finishedAt),
        ])
      try record(
        .backupMade, ["run": String(backup.run), "path": backup.path, "digest": backup.digest],
        binding: [Binding(.backup, .integer(Int64(backup.run)))], at: now)
    }
  }

  /// Whether nothing has been changed since the newest backup was made, but that the deployment was stopped or another
  /// command was refused.
  public func hasCurrentBackup() throws -> Bool {
    guard let backup = try newestBackup() else { return false }
    let later = try database.rows(
      "SELECT command, outcome FROM run WHERE id > ?", [.integer(Int64(backup.run))])
    return later.allSatisfy { row in
      let verb = row.text(0)?.split(separator: " ").dropFirst().first ?? ""
      return row.text(1) == RunOutcome.stopped.rawValue || ["stop", "backup"].contains(verb)
    }
  }

  /// The newest backup.
  public func newestBackup() throws -> Backup? {
    // A State that is only looked at may be of a program that knew none.
    guard try !database.rows("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'backup'").isEmpty else {
      return nil
    }
    let newest = "SELECT run, path, digest, bytes, encrypted, finished_at FROM backup ORDER BY run DESC LIMIT 1"
    return try database.rows(newest).first.map { row in
      Backup(
        run: row.integer(0) ?? 0, path: row.text(1) ?? "", digest: row.text(2) ?? "", bytes: row.integer(3) ?? 0,
        isEncrypted: row.integer(4) == 1, finishedAt: row.text(5) ?? "")
    }
  }
}
