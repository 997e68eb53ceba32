internal import CSQLite
internal import DioptraModel
internal import DioptraSystem

/// Runs statements. The values of their parameters never appear in an error.
extension Database {
  /// Runs statements that have no parameters and no result.
  func execute(_ statements: String) throws(DioptraError) {
    guard sqlite3_exec(handle, statements, nil, nil, nil) == SQLITE_OK else { throw failure() }
  }

  /// Runs one statement until it ends, whatever its result.
  func run(_ statement: String, _ values: [SQLValue] = []) throws(DioptraError) {
    let statement = try self.statement(statement)
    defer { statement.reset() }
    try statement.bind(values)
    while try statement.step() {}
  }

  /// Runs one statement and calls the body for each row. Only the requested values are read and nothing is kept,
  /// however long the table is.
  func forEach(_ statement: String, _ values: [SQLValue] = [], _ body: (SQLRow) throws -> Void) throws {
    let statement = try self.statement(statement)
    defer { statement.reset() }
    try statement.bind(values)
    while try statement.step() { try body(SQLRow(statement: statement)) }
  }

  /// Runs one statement and returns what was read of each row.
  func all<Result>(
    _ statement: String, _ values: [SQLValue] = [], _ read: (SQLRow) throws -> Result
  ) throws -> [Result] {
    var results: [Result] = []
    try forEach(statement, values) { results.append(try read($0)) }
    return results
  }

  /// What was read of the first row; nil if there is none.
  func first<Result>(
    _ statement: String, _ values: [SQLValue] = [], _ read: (SQLRow) throws -> Result
  ) throws -> Result? {
    let statement = try self.statement(statement)
    defer { statement.reset() }
    try statement.bind(values)
    return try statement.step() ? read(SQLRow(statement: statement)) : nil
  }

  /// The only column of the first row; nil if it is null, or there is no row.
  func value<Value: SQLReadable>(_ statement: String, _ values: [SQLValue] = []) throws(DioptraError) -> Value? {
    let statement = try self.statement(statement)
    defer { statement.reset() }
    try statement.bind(values)
    return try statement.step() ? SQLRow(statement: statement).only() : nil
  }

  /// Whether a statement returns any row.
  func hasRow(_ statement: String, _ values: [SQLValue] = []) throws(DioptraError) -> Bool {
    let statement = try self.statement(statement)
    defer { statement.reset() }
    try statement.bind(values)
    return try statement.step()
  }

  /// Runs a body that writes: it takes effect as a whole or not at all. Inside another transaction it is part of that
  /// one.
  @discardableResult
  func transaction<Result>(_ body: () throws -> Result) throws -> Result {
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
      // Some errors have already rolled back; the first error is the one to report.
      if sqlite3_get_autocommit(handle) == 0 { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
      throw error
    }
  }

  /// Runs a body that only reads: it sees a consistent database, whatever others commit meanwhile.
  func snapshot<Result>(_ body: () throws -> Result) throws -> Result {
    guard sqlite3_get_autocommit(handle) != 0 else { return try body() }
    try execute("BEGIN")
    defer { sqlite3_exec(handle, "COMMIT", nil, nil, nil) }
    return try body()
  }
}
