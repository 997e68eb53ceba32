internal import CSQLite
internal import DioptraModel
internal import DioptraSystem
internal import Glibc

/// A connection to a SQLite database, with the settings that this program relies on and SQLite leaves off by default.
///
/// The file is accessed through a descriptor of its folder, so that everything is checked, read, written and removed in
/// one place, wherever its path leads meanwhile.
///
/// Not thread-safe: it has one owner.
final class Database {
  private(set) var handle: OpaquePointer
  /// Prepared statements for reuse.
  private var statements: [String: SQLStatement] = [:]
  let path: String
  let folder: String
  let place: DatabasePlace?
  private let isWriter: Bool
  private let waiting = DatabaseWaiting()

  enum Access {
    case readOnly
    case readWrite
    case create
  }

  /// - Parameter file: A path in the folder.
  /// - Throws: `DioptraError` if the file is not a database or cannot be opened.
  convenience init(_ file: String, in folder: ConfinedFolder, access: Access) throws(DioptraError) {
    let path = "\(folder.path)/\(file)"
    let isWriter = access != .readOnly
    let place = try DatabasePlace(file, in: folder)
    if isWriter { try place.refuseForeignJournal(path) }
    let flags =
      switch access {
      case .readOnly: SQLITE_OPEN_READONLY
      case .readWrite: SQLITE_OPEN_READWRITE
      case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      }
    try self.init(
      Self.open(place.address, flags, called: path), path: path, folder: folder.path, place: place, isWriter: isWriter)
    do throws(DioptraError) {
      try prove()
    } catch {
      guard !isWriter, lacksLocks else { throw error }
      try reopenWithoutLocks(place)
    }
    if isWriter {
      // One journal for all commits of the connection; it is removed with the connection.
      guard try value("PRAGMA journal_mode = PERSIST") == "persist" else {
        throw DioptraError(
          .systemFailed, "\(path) cannot use a rollback journal",
          remedy: "Put the folder on a local file system")
      }
      try execute("PRAGMA synchronous = FULL")
    }
  }

  /// - Parameter place: The file; nil for a database in memory.
  init(_ handle: OpaquePointer, path: String, folder: String, place: DatabasePlace?, isWriter: Bool = false)
    throws(DioptraError)
  {
    self.handle = handle
    self.path = path
    self.folder = folder
    self.place = place
    self.isWriter = isWriter
    try configure()
  }

  deinit {
    statements = [:]
    if isWriter { sqlite3_exec(handle, "PRAGMA journal_mode = DELETE", nil, nil, nil) }
    sqlite3_close_v2(handle)
  }

  static func open(_ path: String, _ flags: Int32, called name: String) throws(DioptraError) -> OpaquePointer {
    var handle: OpaquePointer?
    let code = sqlite3_open_v2(path, &handle, flags | SQLITE_OPEN_EXRESCODE, DatabasePlace.fileSystem)
    if let handle, code == SQLITE_OK { return handle }
    let message = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
    sqlite3_close_v2(handle)
    throw DioptraError(
      .systemFailed, "\(name) cannot be opened: \(message)", remedy: "Check the path and your permissions")
  }

  private func configure() throws(DioptraError) {
    waiting.install(in: handle)
    for (setting, on) in [
      (SQLITE_DBCONFIG_ENABLE_FKEY, 1), (SQLITE_DBCONFIG_DQS_DDL, 0), (SQLITE_DBCONFIG_DQS_DML, 0),
      (SQLITE_DBCONFIG_DEFENSIVE, 1), (SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0),
    ] {
      guard csqlite_db_config_switch(handle, Int32(setting), Int32(on)) == SQLITE_OK else { throw failure() }
    }
  }

  /// The first read shows whether the file is a database.
  func prove() throws(DioptraError) {
    try run("SELECT count(*) FROM sqlite_schema")
  }

  /// Without locks there are no writers.
  private func reopenWithoutLocks(_ place: DatabasePlace) throws(DioptraError) {
    guard !place.hasHotJournal else { throw Self.cutOff(path) }
    statements = [:]
    let new = try Self.open("file:\(place.address)?immutable=1", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, called: path)
    sqlite3_close_v2(handle)
    handle = new
    try configure()
    try prove()
  }

  /// A statement that is ready to run. One that is already running, further up, is left alone: it gets a twin.
  func statement(_ text: String) throws(DioptraError) -> SQLStatement {
    let known = statements[text]
    if let known, !known.isRunning { return known }
    var new: OpaquePointer?
    guard sqlite3_prepare_v2(handle, text, -1, &new, nil) == SQLITE_OK, let new else { throw failure() }
    let statement = SQLStatement(new, text, of: self)
    if known == nil { statements[text] = statement }
    return statement
  }

  // MARK: Errors

  /// A write was interrupted, and only a connection that writes can roll it back.
  static func cutOff(_ path: String) -> DioptraError {
    DioptraError(
      .commandUnfinished, "a write to \(path) was interrupted",
      remedy: "Run \(dioptra: "init"), which completes or undoes it")
  }

  /// The file is not a State.
  ///
  /// - Parameter what: Continues after its path.
  func damage(_ what: String) -> DioptraError { State.damage(what, in: folder) }

  /// Whether the last call failed because the file system has no locks.
  private var lacksLocks: Bool {
    // SQLITE_IOERR_UNLOCK, _RDLOCK, _CHECKRESERVEDLOCK and _LOCK, macros that Swift does not import.
    waiting.lacksLocks || [8, 9, 14, 15].contains { sqlite3_extended_errcode(handle) == SQLITE_IOERR | ($0 << 8) }
  }

  /// Reads the message before any other call changes it.
  func failure() -> DioptraError {
    // SQLITE_READONLY_ROLLBACK, a macro that Swift does not import.
    if sqlite3_extended_errcode(handle) == SQLITE_READONLY | (3 << 8) { return Self.cutOff(path) }
    let code = sqlite3_errcode(handle) & 0xFF
    let message = String(cString: sqlite3_errmsg(handle))
    if lacksLocks, let place { return .withoutLocks(path, place.descriptor) }
    switch code {
    // SQLITE_ERROR: missing tables, or a format that SQLite does not know.
    case SQLITE_NOTADB, SQLITE_CORRUPT, SQLITE_ERROR: return damage("is damaged or no database: \(message)")
    case SQLITE_BUSY, SQLITE_LOCKED:
      return DioptraError(
        .locked, "\(path) is in use by another program", remedy: "Wait until it has ended, then try again")
    default:
      return DioptraError(
        .systemFailed, "\(path) cannot be used: \(message)",
        remedy: "Check the permissions and the free space of its folder")
    }
  }
}
