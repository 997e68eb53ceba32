public import DioptraModel
public import DioptraSystem

extension State {
  /// A secret's record without its value.
  package struct SecretRecord: Codable, Equatable, Sendable {
    /// The name that its component declares.
    package let name: SecretName
    /// The newest version, from 1.
    package let version: Int
    /// RFC 3339, UTC.
    package let createdAt: String
  }

  /// The secrets at their newest versions, sorted by name.
  package func secretRecords() throws -> [SecretRecord] {
    try database.all("SELECT name, max(version) AS version, created_at FROM secret GROUP BY name ORDER BY name") {
      row in
      SecretRecord(name: try row["name"], version: try row["version"], createdAt: try row["created_at"])
    }.filter { !$0.name.rawValue.hasPrefix(SecretName.keptTextPrefix) }
  }

  /// The newest version of each secret.
  package func secretVersions() throws -> [SecretName: Int] {
    Dictionary(uniqueKeysWithValues: try secretRecords().map { ($0.name, $0.version) })
  }

  /// Every version of every secret.
  package func secretValues() throws -> SecretValues {
    let values: [(SecretReference, String)] = try database.all("SELECT name, version, value FROM secret") { row in
      (SecretReference(name: try row["name"], version: try row["version"]), try row["value"])
    }
    return SecretValues(Dictionary(uniqueKeysWithValues: values))
  }

  /// Generates the declared secrets that are missing.
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

  /// Stores a new value.
  @discardableResult
  package func addVersion(of name: SecretName, value: String, now: Timestamp) throws -> SecretReference {
    let newest: Int? = try database.value("SELECT max(version) FROM secret WHERE name = ?", [.text(name.rawValue)])
    let version = (newest ?? 0) + 1
    try database.run(
      "INSERT INTO secret (name, version, value, created_at) VALUES (?, ?, ?, ?)",
      [.text(name.rawValue), .integer(version), .text(value), .text(now.description)])
    try record(
      .secretAdded, ["name": name.rawValue, "version": String(version)],
      binding: [Binding(.secret, .text(name.rawValue), .integer(version))], at: now)
    return SecretReference(name: name, version: version)
  }
}
