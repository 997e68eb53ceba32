internal import CSQLite
internal import DioptraModel
internal import DioptraSystem

/// A prepared statement, and the position of each column that was requested.
final class SQLStatement {
  let pointer: OpaquePointer
  private let text: String
  private unowned let database: Database
  private let count: Int32
  /// For each column the name that was requested. A name in the program's text is recognised by its address, so it is
  /// compared only once and not for each row.
  private let known: UnsafeMutablePointer<UnsafePointer<UInt8>?>

  init(_ pointer: OpaquePointer, _ text: String, of database: Database) {
    self.pointer = pointer
    self.text = text
    self.database = database
    count = sqlite3_column_count(pointer)
    known = .allocate(capacity: Int(count))
    known.initialize(repeating: nil, count: Int(count))
  }

  deinit {
    known.deallocate()
    sqlite3_finalize(pointer)
  }

  /// Whether it is at a row.
  var isRunning: Bool { sqlite3_stmt_busy(pointer) != 0 }

  func bind(_ values: [SQLValue]) throws(DioptraError) {
    for (index, value) in values.enumerated() {
      guard value.bind(to: pointer, at: Int32(index + 1)) == SQLITE_OK else { throw database.failure() }
    }
  }

  /// Moves to the next row.
  ///
  /// - Returns: Whether there is one.
  func step() throws(DioptraError) -> Bool {
    switch sqlite3_step(pointer) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw database.failure()
    }
  }

  func reset() {
    sqlite3_reset(pointer)
    sqlite3_clear_bindings(pointer)
  }

  func index(of column: StaticString) throws(DioptraError) -> Int32 {
    let name = column.utf8Start
    for index in 0..<count where known[Int(index)] == name { return index }
    let wanted = column.description
    for index in 0..<count where self.name(of: index) == wanted {
      known[Int(index)] = name
      return index
    }
    throw DioptraError(
      .internalFault, "\(database.path) was asked for the column \(wanted), which is not in: \(line)",
      remedy: Self.report)
  }

  /// Refuses a result of the wrong type.
  func mismatch(_ column: Int32, _ type: Any.Type) -> DioptraError {
    let found =
      switch sqlite3_column_type(pointer, column) {
      case SQLITE_NULL: "NULL"
      case SQLITE_INTEGER: "an integer"
      case SQLITE_FLOAT: "a number"
      case SQLITE_TEXT: "a text"
      default: "bytes"
      }
    return database.damage("has \(found) where \(type) is expected, in the column \(name(of: column)) of: \(line)")
  }

  /// A statement whose only column is asked for has one.
  func requireOneColumn() throws(DioptraError) {
    guard count == 1 else {
      throw DioptraError(
        .internalFault, "\(database.path) was asked for the only column of: \(line)", remedy: Self.report)
    }
  }

  private func name(of column: Int32) -> String {
    sqlite3_column_name(pointer, column).map { String(cString: $0) } ?? ""
  }

  private var line: String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }

  private static let report: Remedy = "This is a fault of dioptra: report it with this line"
}
