internal import CSQLite
internal import DioptraModel
internal import DioptraSystem

/// Running statements. What their `?` stand for never appears in an error.
extension Database {
  /// Runs one or more statements that have no parameters and no result.
  func execute(_ statements: String) throws(DioptraError) {
    guard sqlite3_exec(handle, statements, nil, nil, nil) == SQLITE_OK else { throw failure() }
  }

  /// Runs one statement to its end, whatever its result.
  func run(_ statement: String, _ values: [SQLValue] = []) throws(DioptraError) {
    let statement = try self.statement(statement)
    defer { statement.reset() }
    try statement.bind(values)
    while try statement.step() {}
  }

  /// Runs one statement to its end and stops at each row, of which only what is asked for is read: nothing is kept of it,
  /// however long the table is.
  func forEach(_ statement: String, _ values: [SQLValue] = [], _ body: (SQLRow) throws -> Void) throws {
    let statement = try self.statement(statement)
    defer { statement.reset() }
    try statement.bind(values)
    while try statement.step() { try body(SQLRow(statement: statement)) }
  }

  /// Runs one statement to its end and gives what was read of each row.
  func all<Result>(
    _ statement: String, _ values: [SQLValue] = [], _ read: (SQLRow) throws -> Result
  ) throws -> [Result] {
    var results: [Result] = []
    try forEach(statement, values) { results.append(try read($0)) }
    return results
  }

  /// What was read of the first row; nil where there is none.
  func first<Result>(
    _ statement: String, _ values: [SQLValue] = [], _ read: (SQLRow) throws -> Result
  ) throws -> Result? {
    let statement = try self.statement(statement)
    defer { statement.reset() }
    try statement.bind(values)
    return try statement.step() ? read(SQLRow(statement: statement)) : nil
  }

  /// What a statement of one column gives in its first row; nil where that is null, or there is no row.
  func value<Value: SQLReadable>(_ statement: String, _ values: [SQLValue] = []) throws(DioptraError) -> Value? {
    let statement = try self.statement(statement)
    defer { statement.reset() }
    try statement.bind(values)
    return try statement.step() ? SQLRow(statement: statement).only() : nil
  }

  /// Whether a statement gives any row.
  func hasRow(_ statement: String, _ values: [SQLValue] = []) throws(DioptraError) -> Bool {
    let statement = try self.statement(statement)
    defer { statement.reset() }
    try statement.bind(values)
    return try statement.step()
  }

  /// Runs a body that writes: all of it happens, or nothing. Inside another transaction it is a part of that one.
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
      // Some errors have rolled back already; the first error is the one to report.
      if sqlite3_get_autocommit(handle) == 0 { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
      throw error
    }
  }

  /// Runs a body that only reads: it sees one state of the database, whatever others commit meanwhile.
  func snapshot<Result>(_ body: () throws -> Result) throws -> Result {
    guard sqlite3_get_autocommit(handle) != 0 else { return try body() }
    try execute("BEGIN")
    defer { sqlite3_exec(handle, "COMMIT", nil, nil, nil) }
    return try body()
  }
}
