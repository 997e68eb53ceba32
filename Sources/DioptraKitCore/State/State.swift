/// What the deployment remembers: its name for itself and its secrets, in `.dioptra/state.db`.
public final class State {
  /// The folder of everything that only the program reads.
  public static let folder = ".dioptra"
  static let file = "\(folder)/state.db"

  private let database: Database

  /// Opens the State of a deployment folder, or makes one.
  ///
  /// - Parameter deployment: The name of a deployment that has none yet.
  public init(creatingIn folder: ConfinedFolder, deployment: String, now: Timestamp) throws {
    try folder.makeFolder(Self.folder, mode: 0o700)
    if try folder.entry("\(Self.folder)/.gitignore") == nil {
      try folder.write("\(Self.folder)/.gitignore", Array("*\n".utf8), mode: 0o600)
    }
    if try folder.entry(Self.file) == nil {
      // SQLite would create the file with the mask's permissions.
      try folder.write(Self.file, [], mode: 0o600)
    }
    database = try Database(path: "\(folder.path)/\(Self.file)", access: .readWrite)
    try StateSchema.prepare(database)
    try database.transaction {
      try database.rows(
        "INSERT OR IGNORE INTO deployment (name, value) VALUES ('id', ?), ('created_at', ?)",
        [.text(deployment), .text(now.description)])
    }
  }

  /// Opens the State of a deployment folder to look at it; nil when there is none.
  public init?(readingIn folder: ConfinedFolder) throws {
    guard case .file? = try folder.entry(Self.file) else { return nil }
    database = try Database(path: "\(folder.path)/\(Self.file)", access: .readOnly)
    try StateSchema.check(database)
  }

  /// The deployment's name for itself: 16 hexadecimal digits.
  public var deployment: String {
    get throws {
      guard let id = try database.rows("SELECT value FROM deployment WHERE name = 'id'").first?.text(0) else {
        throw DioptraError(
          "\(database.path) does not name its deployment", remedy: "Restore it from a copy, or run `dioptra adopt`")
      }
      return id
    }
  }

  /// What is known of a secret without its value.
  public struct SecretRecord: Codable, Equatable, Sendable {
    public let name: SecretName
    public let version: Int
    /// RFC 3339, UTC.
    public let createdAt: String
  }

  /// The secrets at their newest versions, in the order of their names.
  public func secretRecords() throws -> [SecretRecord] {
    try database.rows("SELECT name, max(version), created_at FROM secret GROUP BY name ORDER BY name").map { row in
      SecretRecord(
        name: SecretName(row.text(0) ?? ""), version: row.integer(1) ?? 0, createdAt: row.text(2) ?? "")
    }
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
    try database.transaction {
      for secret in secrets {
        try database.rows(
          """
          INSERT INTO secret (name, version, value, created_at)
          SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (SELECT 1 FROM secret WHERE name = ?1)
          """,
          [
            .text(secret.name.rawValue), .integer(Int64(SecretReference.firstVersion)),
            .text(secret.form.newValue()), .text(now.description),
          ])
      }
    }
  }
}
