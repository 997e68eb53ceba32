/// What the deployment remembers, in `.dioptra/state.db`: its name for itself, its secrets, its generations, its runs.
///
/// One process writes at a time, the holder of the `FolderLock`.
public final class State {
  /// The folder of everything that only the program reads.
  public static let folder = ".dioptra"
  static let file = "\(folder)/state.db"

  let database: Database

  /// Opens the State of a deployment folder, or makes one.
  ///
  /// - Parameter deployment: The name of a deployment that has none yet.
  public init(creatingIn folder: ConfinedFolder, deployment: String, now: Timestamp) throws {
    try folder.makeFolder(Self.folder, mode: 0o700)
    if try folder.entry("\(Self.folder)/.gitignore") == nil {
      try folder.write("\(Self.folder)/.gitignore", Array("*\n".utf8), mode: 0o600, synced: false)
    }
    if try folder.entry(Self.file) == nil {
      // SQLite would create the file with the mask's permissions.
      try folder.write(Self.file, [], mode: 0o600, synced: false)
    }
    database = try Database(path: "\(folder.path)/\(Self.file)", access: .readWrite)
    try StateSchema.prepare(database) {
      try database.rows(
        "INSERT INTO deployment (name, value) VALUES ('id', ?), ('created_at', ?)",
        [.text(deployment), .text(now.description)])
      try record(.deploymentCreated, ["deployment": deployment], at: now)
    }
  }

  /// Opens the State of a deployment folder to look at it; nil when there is none.
  public init?(readingIn folder: ConfinedFolder) throws {
    guard case .file? = try folder.entry(Self.file) else { return nil }
    database = try Database(path: "\(folder.path)/\(Self.file)", access: .readOnly)
    guard try StateSchema.check(database) > 0 else { return nil }
  }

  /// The deployment's name for itself: 16 hexadecimal digits.
  public var deployment: String {
    get throws {
      guard let id = try database.rows("SELECT value FROM deployment WHERE name = 'id'").first?.text(0) else {
        throw DioptraError(
          "\(database.path) does not name its deployment", remedy: "Restore it from a backup")
      }
      return id
    }
  }
}
