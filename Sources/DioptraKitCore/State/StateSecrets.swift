public import DioptraModel
public import DioptraSystem

extension State {
  /// What is known of a secret without its value.
  public struct SecretRecord: Codable, Equatable, Sendable {
    public let name: SecretName
    public let version: Int
    /// RFC 3339, UTC.
    public let createdAt: String
  }

  /// The secrets at their newest versions, in the order of their names.
  public func secretRecords() throws -> [SecretRecord] {
    try database.rows("SELECT name, max(version), created_at FROM secret GROUP BY name ORDER BY name")
      .filter { $0.text(0)?.hasPrefix(SecretName.keptTextPrefix) == false }
      .map { row in
        SecretRecord(
          name: SecretName(row.text(0) ?? ""), version: row.integer(1) ?? 0, createdAt: row.text(2) ?? "")
      }
  }

  /// The newest version of each secret.
  public func secretVersions() throws -> [SecretName: Int] {
    Dictionary(uniqueKeysWithValues: try secretRecords().map { ($0.name, $0.version) })
  }

  /// Every version of every secret.
  public func secretValues() throws -> SecretValues {
    let rows = try database.rows("SELECT name, version, value FROM secret")
    return SecretValues(
      Dictionary(
        uniqueKeysWithValues: rows.map { row in
          (SecretReference(name: SecretName(row.text(0) ?? ""), version: row.integer(1) ?? 0), row.text(2) ?? "")
        }))
  }

  /// Generates the secrets that are declared and not there yet.
  public func generate(_ secrets: [Secret], now: Timestamp) throws {
    let known = try secretVersions()
    let missing = secrets.filter { known[$0.name] == nil }
    guard !missing.isEmpty else { return }
    try database.transaction {
      for secret in missing {
        try addVersion(of: secret.name, value: secret.form.newValue(), now: now)
      }
    }
  }

  /// Keeps a new value.
  @discardableResult
  package func addVersion(of name: SecretName, value: String, now: Timestamp) throws -> SecretReference {
    let newest = try database.rows("SELECT max(version) FROM secret WHERE name = ?", [.text(name.rawValue)])
    let version = (newest.first?.integer(0) ?? 0) + 1
    try database.rows(
      "INSERT INTO secret (name, version, value, created_at) VALUES (?, ?, ?, ?)",
      [.text(name.rawValue), .integer(Int64(version)), .text(value), .text(now.description)])
    try record(
      .secretAdded, ["name": name.rawValue, "version": String(version)],
      binding: [Binding(.secret, .text(name.rawValue), .integer(Int64(version)))], at: now)
    return SecretReference(name: name, version: version)
  }
}
