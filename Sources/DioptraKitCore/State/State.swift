public import DioptraModel
public import DioptraSystem

/// The deployment's database, `.dioptra/state.db`: its id, its secrets, its generations, its runs.
///
/// Only one process writes at a time, the holder of the `FolderLock`.
public final class State {
  /// The program's own folder.
  public static let folder = ProgramFolder.name
  /// The database, relative to the deployment's folder.
  public static let file = ProgramFolder.state

  let database: Database
  /// The version of the tables on disk.
  package let writtenVersion: Int

  /// Opens the State of a deployment folder, or creates it.
  ///
  /// - Parameters:
  /// - deployment: The id for a deployment that has none yet.
  /// - choices: The future `dioptra.yaml`. It is kept until the first generation is in place, so that an interrupted
  ///   first `init` loses nothing.
  /// - secrets: The secrets of a new deployment.
  public init(
    creatingIn folder: ConfinedFolder, deployment: String, choices: String? = nil, secrets: [Secret] = [],
    now: Timestamp
  ) throws {
    try ProgramFolder.make(in: folder)
    if try !Self.isThere(in: folder) {
      // SQLite would create the file with the permissions of the umask.
      try folder.write(Self.file, [], mode: 0o600, synced: false)
      database = try Database(Self.file, in: folder, access: .readWrite)
    } else {
      database = try Database(Self.file, in: folder, access: .readWrite)
      if try StateSchema.check(database) == 0 { try Self.refuseLoss(in: folder) }
    }
    writtenVersion = StateSchema.version
    try StateSchema.prepare(database, in: folder) {
      try database.run(
        "INSERT INTO deployment (name, value) VALUES ('id', ?), ('created_at', ?)",
        [.text(deployment), .text(now.description)])
      try record(
        .deploymentCreated, ["deployment": deployment],
        binding: ["id", "created_at", Self.chainKeyName].map { Binding(.deployment, .text($0)) }, at: now)
      try recordPlace(of: folder, now: now)
      if let choices { try remember(choices, now: now) }
      try generate(secrets, now: now)
    } binding: { version in
      try bindFacts(newerThan: version, now: now)
    }
    if let choices, try newestGeneration() == nil, try pendingChoices != choices { try remember(choices, now: now) }
  }

  /// Opens the State of a deployment folder for writing. The holder of the lock calls this.
  ///
  /// - Throws: `DioptraError`, also if there is none: nothing is created.
  public convenience init(changingIn folder: ConfinedFolder, now: Timestamp) throws {
    guard let known = try State(readingIn: folder, recovering: true) else {
      throw folder.notInitialized
    }
    try self.init(creatingIn: folder, deployment: try known.deployment, now: now)
  }

  /// Opens the State of a deployment folder for reading; nil if there is none.
  ///
  /// - Parameter recovering: Whether an interrupted write may be rolled back, as only commands that write do.
  /// - Throws: `DioptraError` for a file that is not a State, or has lost its data.
  public init?(readingIn folder: ConfinedFolder, recovering: Bool = false) throws {
    guard try Self.isThere(in: folder) else { return nil }
    let found = try Self.database(in: folder, recovering: recovering)
    let version = try StateSchema.check(found)
    guard version > 0 else {
      try Self.refuseLoss(in: folder)
      return nil
    }
    // Read-only opens migrate an in-memory copy.
    database = version < StateSchema.version ? try Database(inMemory: found) : found
    writtenVersion = version
    if version < StateSchema.version { try StateSchema.prepare(database, in: nil) }
  }

  private static func database(in folder: ConfinedFolder, recovering: Bool) throws(DioptraError) -> Database {
    do {
      return try Database(file, in: folder, access: .readOnly)
    } catch {
      guard recovering, error == Database.cutOff("\(folder.path)/\(file)") else { throw error }
      return try Database(file, in: folder, access: .readWrite)
    }
  }

  // MARK: Transactions

  /// Runs a body that writes: it takes effect as a whole or not at all. Inside another transaction it is part of that
  /// one.
  @discardableResult
  package func transaction<Result>(_ body: () throws -> Result) throws -> Result { try database.transaction(body) }

  /// Runs a body that only reads: it sees a consistent State, whatever others commit meanwhile.
  package func snapshot<Result>(_ body: () throws -> Result) throws -> Result { try database.snapshot(body) }

  // MARK: The deployment

  /// The `dioptra.yaml` of a first `init` that was interrupted before writing it.
  package var pendingChoices: String? {
    get throws {
      guard try newestGeneration() == nil else { return nil }
      return try fact(Self.choicesName)
    }
  }

  static let choicesName = "choices"

  private func remember(_ choices: String, now: Timestamp) throws {
    try database.transaction {
      try setFact(Self.choicesName, choices)
      try record(.choicesRemembered, [:], binding: [Binding(.deployment, .text(Self.choicesName))], at: now)
    }
  }

  /// The deployment's id: 16 hexadecimal digits.
  public var deployment: String {
    get throws {
      guard let id = try fact("id") else {
        throw DioptraError(
          .stateIncomplete, "\(database.path) does not name its deployment", remedy: "Restore it from a backup")
      }
      return id
    }
  }
}

extension ConfinedFolder {
  /// The error for commands other than `init` in a folder without State.
  package var notInitialized: DioptraError {
    DioptraError(.notInitialized, "\(path) has not been initialised yet", remedy: "Run \(dioptra: "init") there")
  }
}
