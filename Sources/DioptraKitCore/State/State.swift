public import DioptraModel
public import DioptraSystem

/// What the deployment remembers, in `.dioptra/state.db`: its name for itself, its secrets, its generations, its runs.
///
/// One process writes at a time, the holder of the `FolderLock`.
public final class State {
  /// The folder of everything that only the program reads.
  public static let folder = ProgramFolder.name
  public static let file = ProgramFolder.state

  let database: Database
  /// The version of the tables as they are on the disk.
  package let writtenVersion: Int

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
    try ProgramFolder.make(in: folder)
    if try !Self.isThere(in: folder) {
      // SQLite would create the file with the mask's permissions.
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

  /// Opens the State of a deployment folder to change it. The holder of the lock calls this.
  ///
  /// - Throws: `DioptraError` where there is none, too: nothing is made.
  public convenience init(changingIn folder: ConfinedFolder, now: Timestamp) throws {
    guard let known = try State(readingIn: folder, recovering: true) else {
      throw folder.notInitialized
    }
    try self.init(creatingIn: folder, deployment: try known.deployment, now: now)
  }

  /// Opens the State of a deployment folder to look at it; nil when there is none.
  ///
  /// - Parameter recovering: Whether a write that was cut off may be undone on the way, as only commands that write do.
  /// - Throws: `DioptraError` for one that is no State, or lost what it knew.
  public init?(readingIn folder: ConfinedFolder, recovering: Bool = false) throws {
    guard try Self.isThere(in: folder) else { return nil }
    let found = try Self.database(in: folder, recovering: recovering)
    let version = try StateSchema.check(found)
    guard version > 0 else {
      try Self.refuseLoss(in: folder)
      return nil
    }
    // Who only looks sees what an older program wrote as this one would make of it.
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

  // MARK: Together

  /// Runs a body that writes: all of it happens, or nothing. Inside another transaction it is a part of that one.
  @discardableResult
  package func transaction<Result>(_ body: () throws -> Result) throws -> Result { try database.transaction(body) }

  /// Runs a body that only reads: it sees one State, whatever others commit meanwhile.
  package func snapshot<Result>(_ body: () throws -> Result) throws -> Result { try database.snapshot(body) }

  // MARK: The deployment

  /// The `dioptra.yaml` of a first `init` that did not get as far as writing it.
  public var pendingChoices: String? {
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

  /// The deployment's name for itself: 16 hexadecimal digits.
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
  /// Why a command other than `init` has nothing to do in a folder without State.
  public var notInitialized: DioptraError {
    DioptraError(.notInitialized, "\(path) has not been initialised yet", remedy: "Run \(dioptra: "init") there")
  }
}
