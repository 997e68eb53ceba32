/// What the deployment remembers, in `.dioptra/state.db`: its name for itself, its secrets, its generations, its runs.
///
/// One process writes at a time, the holder of the `FolderLock`.
public final class State {
  /// The folder of everything that only the program reads.
  public static let folder = ".dioptra"
  public static let file = "\(folder)/state.db"

  let database: Database
  /// The version of the tables as they are on the disk.
  let writtenVersion: Int

  /// Opens the State of a deployment folder, or makes one.
  ///
  /// - Parameters:
  ///   - deployment: The name of a deployment that has none yet.
  ///   - choices: The `dioptra.yaml` that is to be. It is remembered until the first generation is in place, so that a
  ///     first `init` that dies forgets nothing.
  ///   - secrets: What a new deployment begins with.
  public init(
    creatingIn folder: ConfinedFolder, deployment: String, choices: String? = nil, secrets: [Secret] = [],
    now: Timestamp
  ) throws {
    try Self.makeFolder(in: folder)
    if try folder.entry(Self.file) == nil {
      // SQLite would create the file with the mask's permissions.
      try folder.write(Self.file, [], mode: 0o600, synced: false)
    }
    database = try Database(path: "\(folder.canonicalPath)/\(Self.file)", access: .readWrite)
    writtenVersion = StateSchema.migrations.count
    try StateSchema.prepare(database, in: folder) {
      try database.rows(
        "INSERT INTO deployment (name, value) VALUES ('id', ?), ('created_at', ?)",
        [.text(deployment), .text(now.description)])
      try record(
        .deploymentCreated, ["deployment": deployment],
        binding: ["id", "created_at", Self.chainKeyName].map { Binding(.deployment, .text($0)) }, at: now)
      try recordPlace(of: folder, now: now)
      if let choices { try remember(choices, now: now) }
      try generate(secrets, now: now)
    } binding: {
      try bindAllFacts(now: now)
    }
    if let choices, try newestGeneration() == nil, try pendingChoices != choices { try remember(choices, now: now) }
  }

  /// Opens the State of a deployment folder to look at it; nil when there is none.
  ///
  /// - Parameter recovering: Whether a write that was cut off may be undone on the way, as only commands that write do.
  public init?(readingIn folder: ConfinedFolder, recovering: Bool = false) throws {
    guard case .file? = try folder.entry(Self.file) else { return nil }
    let found = try Self.database(at: "\(folder.canonicalPath)/\(Self.file)", recovering: recovering)
    let version = try StateSchema.check(found)
    guard version > 0 else { return nil }
    // Who only looks sees what an older program wrote as this one would make of it.
    database = version < StateSchema.migrations.count ? try Database(inMemory: found) : found
    writtenVersion = version
    if version < StateSchema.migrations.count { try StateSchema.prepare(database, in: nil) }
  }

  private static func database(at path: String, recovering: Bool) throws(DioptraError) -> Database {
    do {
      return try Database(path: path, access: .readOnly)
    } catch {
      guard recovering, error == Database.cutOff(path) else { throw error }
      return try Database(path: path, access: .readWrite)
    }
  }

  /// Makes the folder of what only the program reads, which no repository takes in.
  static func makeFolder(in folder: ConfinedFolder) throws(DioptraError) {
    try folder.makeFolder(Self.folder, mode: 0o700)
    if try folder.entry("\(Self.folder)/.gitignore") == nil {
      try folder.write("\(Self.folder)/.gitignore", Array("*\n".utf8), mode: 0o600, synced: false)
    }
  }

  // MARK: The deployment

  /// The `dioptra.yaml` of a first `init` that did not get as far as writing it.
  public var pendingChoices: String? {
    get throws {
      guard try newestGeneration() == nil else { return nil }
      return try database.rows("SELECT value FROM deployment WHERE name = 'choices'").first?.text(0)
    }
  }

  static let choicesName = "choices"

  private func remember(_ choices: String, now: Timestamp) throws {
    try database.transaction {
      try database.rows(
        "INSERT INTO deployment (name, value) VALUES ('choices', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        [.text(choices)])
      try record(.choicesRemembered, [:], binding: [Binding(.deployment, .text(Self.choicesName))], at: now)
    }
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
