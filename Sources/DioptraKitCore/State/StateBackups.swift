internal import DioptraModel
package import DioptraSystem

extension State {
  /// A copy of the whole deployment in one file.
  public struct Backup: Equatable, Sendable {
    /// The run that created it.
    public let run: Int
    /// The absolute path at which it was written.
    public let path: String
    /// SHA-256 of the file's bytes.
    public let digest: String
    /// The file's size in bytes.
    public let bytes: Int
    /// Whether the file is encrypted with a passphrase.
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

  /// Records that a backup is complete.
  package func record(_ backup: Backup, now: Timestamp) throws {
    try database.transaction {
      try database.run(
        "INSERT INTO backup (run, path, digest, bytes, encrypted, finished_at) VALUES (?, ?, ?, ?, ?, ?)",
        [
          .integer(backup.run), .text(backup.path), .text(backup.digest), .integer(backup.bytes),
          .integer(backup.isEncrypted ? 1 : 0), .text(backup.finishedAt),
        ])
      try record(
        .backupMade, ["run": String(backup.run), "path": backup.path, "digest": backup.digest],
        binding: [Binding(.backup, .integer(backup.run))], at: now)
    }
  }

  /// Whether nothing has changed since the newest backup, apart from stopping the deployment and refused commands.
  package func hasCurrentBackup() throws -> Bool {
    guard let backup = try newestBackup() else { return false }
    return try !database.hasRow(
      "SELECT 1 FROM run WHERE id > ? AND NOT keeps_backup AND outcome IS NOT 'stopped' LIMIT 1",
      [.integer(backup.run)])
  }

  /// The newest backup.
  package func newestBackup() throws -> Backup? {
    try database.first(
      "SELECT run, path, digest, bytes, encrypted, finished_at FROM backup ORDER BY run DESC LIMIT 1"
    ) { row in
      Backup(
        run: try row["run"], path: try row["path"], digest: try row["digest"], bytes: try row["bytes"],
        isEncrypted: try row["encrypted"], finishedAt: try row["finished_at"])
    }
  }
}
