internal import CSQLite
internal import DioptraModel
package import DioptraSystem
internal import Glibc

/// One connection to a SQLite database, with every setting that SQLite leaves off by default and we rely on.
///
/// The file is reached through a descriptor of its folder: what is checked, read, written and removed is in one place,
/// whatever its path leads to meanwhile.
///
/// Not thread-safe: one owner uses it.
package final class Database {
  private var handle: OpaquePointer
  /// Statements that were used already, each ready to be run again.
  private var prepared: [String: OpaquePointer] = [:]
  package let path: String
  private let folder: String
  private let place: DatabasePlace?
  private let isWriter: Bool
  private let waiting = DatabaseWaiting()

  package enum Access {
    case readOnly
    case readWrite
    case create
  }

  /// - Parameter file: A path in the folder.
  /// - Throws: `DioptraError` when the file is no database, or cannot be opened.
  package init(_ file: String, in folder: ConfinedFolder, access: Access) throws(DioptraError) {
    path = "\(folder.path)/\(file)"
    self.folder = folder.path
    isWriter = access != .readOnly
    let place = try DatabasePlace(file, in: folder)
    self.place = place
    if isWriter { try place.refuseForeignJournal(path) }
    let flags =
      switch access {
      case .readOnly: SQLITE_OPEN_READONLY
      case .readWrite: SQLITE_OPEN_READWRITE
      case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      }
    handle = try Self.open(place.address, flags, called: path)
    try configure()
    do throws(DioptraError) {
      try prove()
    } catch {
      guard !isWriter, lacksLocks else { throw error }
      try reopenWithoutLocks(place)
    }
    if isWriter {
      // One journal for all commits of the connection; it goes when the connection does.
      guard try rows("PRAGMA journal_mode = PERSIST").first?.text(0) == "persist" else {
        throw DioptraError("\(path) cannot use a rollback journal", remedy: "Put the folder on a local file system")
      }
      try execute("PRAGMA synchronous = FULL")
    }
  }

  /// The first read proves that the file is a database.
  private func prove() throws(DioptraError) {
    _ = try rows("SELECT count(*) FROM sqlite_schema")
  }

  /// Where there are no locks, nobody writes.
  private func reopenWithoutLocks(_ place: DatabasePlace) throws(DioptraError) {
    guard !place.hasHotJournal else { throw Self.cutOff(path) }
    for statement in prepared.values { sqlite3_finalize(statement) }
    prepared = [:]
    let new = try Self.open("file:\(place.address)?immutable=1", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, called: path)
    sqlite3_close_v2(handle)
    handle = new
    try configure()
    try prove()
  }

  /// A copy in memory, to be changed without the original.
  package init(inMemory original: Database) throws(DioptraError) {
    path = original.path
    folder = original.folder
    place = nil
    isWriter = false
    handle = try Self.open(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, called: original.path)
    guard let backup = sqlite3_backup_init(handle, "main", original.handle, "main") else { throw failure() }
    sqlite3_backup_step(backup, -1)
    guard sqlite3_backup_finish(backup) == SQLITE_OK else { throw failure() }
    try configure()
  }

  /// A database in memory with the bytes of a file; with none, an empty one. It can be changed without the original.
  package init(bytes: [UInt8], called name: String) throws(DioptraError) {
    path = name
    folder = name
    place = nil
    isWriter = false
    handle = try Self.open(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, called: name)
    if !bytes.isEmpty {
      let count = sqlite3_int64(bytes.count)
      let copy = sqlite3_malloc64(sqlite3_uint64(count))
      bytes.withUnsafeBytes {
        if let start = $0.baseAddress { _ = copy?.copyMemory(from: start, byteCount: bytes.count) }
      }
      let flags = UInt32(SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE)
      let isTaken = sqlite3_deserialize(
        handle, "main", copy?.assumingMemoryBound(to: UInt8.self), count, count, flags)
      guard isTaken == SQLITE_OK else { throw failure() }
    }
    try configure()
    try execute("PRAGMA temp_store = MEMORY")
    try prove()
  }

  /// The bytes of a file with what the database holds, and nothing of what it held before. Nothing is written anywhere.
  package func compactBytes() throws(DioptraError) -> [UInt8] {
    let copy = try Database(inMemory: self)
    try copy.execute("PRAGMA temp_store = MEMORY; VACUUM")
    var count: sqlite3_int64 = 0
    guard let start = sqlite3_serialize(copy.handle, "main", &count, 0) else { throw copy.failure() }
    defer { sqlite3_free(start) }
    return Array(UnsafeBufferPointer(start: start, count: Int(count)))
  }

  /// Copies everything into a file that stands beside the database's and is empty.
  ///
  /// SQLite keeps that file's permissions; one that it makes itself would have the mask's.
  package func copy(into name: String) throws(DioptraError) {
    guard let place else { return }
    try rows("VACUUM INTO ?", [.text(place.address(of: name))])
  }

  private static func open(_ path: String, _ flags: Int32, called name: String) throws(DioptraError) -> OpaquePointer {
    var handle: OpaquePointer?
    let code = sqlite3_open_v2(path, &handle, flags | SQLITE_OPEN_EXRESCODE, DatabasePlace.fileSystem)
    if let handle, code == SQLITE_OK { return handle }
    let message = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
    sqlite3_close_v2(handle)
    throw DioptraError("\(name) cannot be opened: \(message)", remedy: "Check the path and your permissions")
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

  deinit {
    for statement in prepared.values { sqlite3_finalize(statement) }
    if isWriter { sqlite3_exec(handle, "PRAGMA journal_mode = DELETE", nil, nil, nil) }
    sqlite3_close_v2(handle)
  }

  /// Runs one or more statements that have no parameters and no result.
  package func execute(_ statements: String) throws(DioptraError) {
    guard sqlite3_exec(handle, statements, nil, nil, nil) == SQLITE_OK else { throw failure() }
  }

  /// Runs one statement to its end and gives its rows.
  ///
  /// - Parameter values: What the statement's `?` stand for. They never appear in an error.
  @discardableResult
  package func rows(_ statement: String, _ values: [SQLValue] = []) throws(DioptraError) -> [SQLRow] {
    var rows: [SQLRow] = []
    try forEachRow(statement, values) { rows.append($0) }
    return rows
  }

  /// Runs one statement to its end and hands out its rows one by one, for tables that may be long.
  package func forEachRow(
    _ statement: String, _ values: [SQLValue] = [], _ body: (SQLRow) -> Void
  ) throws(DioptraError) {
    try forEachPosition(statement, values) { body($0.row) }
  }

  /// Runs one statement to its end and stops at each row, of which only what is asked for is read.
  package func forEachPosition(
    _ statement: String, _ values: [SQLValue] = [], _ body: (SQLPosition) -> Void
  ) throws(DioptraError) {
    let prepared = try prepare(statement)
    defer {
      sqlite3_reset(prepared)
      sqlite3_clear_bindings(prepared)
    }
    for (index, value) in values.enumerated() {
      guard value.bind(to: prepared, at: Int32(index + 1)) == SQLITE_OK else { throw failure() }
    }
    while true {
      switch sqlite3_step(prepared) {
      case SQLITE_ROW:
        body(SQLPosition(statement: prepared))
      case SQLITE_DONE: return
      default: throw failure()
      }
    }
  }

  private func prepare(_ statement: String) throws(DioptraError) -> OpaquePointer {
    if let known = prepared[statement] { return known }
    var new: OpaquePointer?
    guard sqlite3_prepare_v2(handle, statement, -1, &new, nil) == SQLITE_OK, let new else { throw failure() }
    prepared[statement] = new
    return new
  }

  /// Runs a body that writes: all of it happens, or nothing. Inside another transaction it is a part of that one.
  @discardableResult
  package func transaction<Result>(_ body: () throws -> Result) throws -> Result {
    guard sqlite3_get_autocommit(handle) != 0 else { return try body() }
    try execute("BEGIN IMMEDIATE")
    do {
      let result = try body()
      guard FaultInjection.mayProceed() else {
        throw DioptraError.system("\(path) cannot be written", remedy: "Check the disk, then run the command again")
      }
      try execute("COMMIT")
      FaultInjection.passCommit()
      return result
    } catch {
      // Some errors have rolled back already; the first error is the one to report.
      if sqlite3_get_autocommit(handle) == 0 { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
      throw error
    }
  }

  /// Runs a body that only reads: it sees one state of the database, whatever others commit meanwhile.
  package func snapshot<Result>(_ body: () throws -> Result) throws -> Result {
    guard sqlite3_get_autocommit(handle) != 0 else { return try body() }
    try execute("BEGIN")
    defer { sqlite3_exec(handle, "COMMIT", nil, nil, nil) }
    return try body()
  }

  /// A write was cut off, and only a connection that writes can undo it.
  static func cutOff(_ path: String) -> DioptraError {
    DioptraError("\(path) was left in the middle of a write", remedy: "Run `dioptra init`, which finishes or undoes it")
  }

  /// The file is not what a State is.
  ///
  /// - Parameter what: Goes on after its path.
  func damage(_ what: String) -> DioptraError { State.damage(what, in: folder) }

  /// Whether the last call failed because the file system has no locks.
  private var lacksLocks: Bool {
    // SQLITE_IOERR_UNLOCK, _RDLOCK, _CHECKRESERVEDLOCK and _LOCK, macros that Swift does not import.
    waiting.lacksLocks || [8, 9, 14, 15].contains { sqlite3_extended_errcode(handle) == SQLITE_IOERR | ($0 << 8) }
  }

  /// Reads the message before any other call changes it.
  private func failure() -> DioptraError {
    // SQLITE_READONLY_ROLLBACK, a macro that Swift does not import.
    if sqlite3_extended_errcode(handle) == SQLITE_READONLY | (3 << 8) { return Self.cutOff(path) }
    let code = sqlite3_errcode(handle) & 0xFF
    let message = String(cString: sqlite3_errmsg(handle))
    if lacksLocks, let place { return .withoutLocks(path, place.descriptor) }
    switch code {
    // SQLITE_ERROR: tables that are missing, or a form that SQLite does not know.
    case SQLITE_NOTADB, SQLITE_CORRUPT, SQLITE_ERROR: return damage("is damaged or no database: \(message)")
    case SQLITE_BUSY, SQLITE_LOCKED:
      return DioptraError(
        "\(path) is in use by another program", remedy: "Try again when it has ended", exitCode: .locked)
    default:
      return DioptraError(
        "\(path) cannot be used: \(message)", remedy: "Check the permissions and the free space of its folder")
    }
  }
}

/// A value that SQLite keeps.
package enum SQLValue: Equatable, Sendable {
  case null
  case integer(Int64)
  case text(String)
  case blob([UInt8])

  fileprivate var text: String? {
    if case .text(let value) = self { value } else { nil }
  }

  fileprivate func bind(to statement: OpaquePointer?, at index: Int32) -> Int32 {
    switch self {
    case .null: sqlite3_bind_null(statement, index)
    case .integer(let value): sqlite3_bind_int64(statement, index, value)
    case .text(var value):
      value.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) { characters in
          csqlite_bind_text(statement, index, characters.baseAddress, Int32(characters.count))
        }
      }
    case .blob(let value):
      value.withUnsafeBytes { bytes in
        csqlite_bind_blob(statement, index, bytes.baseAddress, Int32(bytes.count))
      }
    }
  }

  fileprivate init(column: Int32, of statement: OpaquePointer?) {
    switch sqlite3_column_type(statement, column) {
    case SQLITE_INTEGER: self = .integer(sqlite3_column_int64(statement, column))
    case SQLITE_TEXT:
      let bytes = UnsafeRawBufferPointer(
        start: sqlite3_column_text(statement, column), count: Int(sqlite3_column_bytes(statement, column)))
      self = .text(String(decoding: bytes, as: UTF8.self))
    case SQLITE_BLOB:
      let start = sqlite3_column_blob(statement, column)
      let count = Int(sqlite3_column_bytes(statement, column))
      self = .blob(Array(UnsafeRawBufferPointer(start: start, count: count)))
    default: self = .null
    }
  }
}

/// A row of a result while its statement stands there.
package struct SQLPosition {
  fileprivate let statement: OpaquePointer

  package var row: SQLRow {
    SQLRow(values: (0..<sqlite3_column_count(statement)).map { SQLValue(column: $0, of: statement) })
  }

  package func text(_ column: Int32) -> String? {
    SQLValue(column: column, of: statement).text
  }

  package func integer(_ column: Int32) -> Int? {
    if case .integer(let value) = SQLValue(column: column, of: statement) { Int(value) } else { nil }
  }
}

/// One row of a result.
package struct SQLRow: Sendable {
  package let values: [SQLValue]

  package func text(_ column: Int) -> String? { values[column].text }

  package func integer(_ column: Int) -> Int? {
    if case .integer(let value) = values[column] { Int(value) } else { nil }
  }
}
