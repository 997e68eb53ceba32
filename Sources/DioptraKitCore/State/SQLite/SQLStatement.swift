internal import CSQLite
internal import DioptraModel
internal import DioptraSystem

/// A statement that SQLite has prepared, and where each column is that was asked for.
final class SQLStatement {
  let pointer: OpaquePointer
  private let text: String
  private unowned let database: Database
  /// A name in the program's text is known again by its place: it is looked up once, and not for each row.
  private var columns: [(name: UnsafePointer<UInt8>, index: Int32)] = []

  init(_ pointer: OpaquePointer, _ text: String, of database: Database) {
    self.pointer = pointer
    self.text = text
    self.database = database
  }

  deinit {
    sqlite3_finalize(pointer)
  }

  /// Whether it stands at a row.
  var isRunning: Bool { sqlite3_stmt_busy(pointer) != 0 }

  func bind(_ values: [SQLValue]) throws(DioptraError) {
    for (index, value) in values.enumerated() {
      guard value.bind(to: pointer, at: Int32(index + 1)) == SQLITE_OK else { throw database.failure() }
    }
  }

  /// Goes on to the next row.
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
    for known in columns where known.name == name { return known.index }
    let wanted = column.description
    for index in 0..<sqlite3_column_count(pointer) where self.name(of: index) == wanted {
      columns.append((name, index))
      return index
    }
    throw DioptraError(
      "\(database.path) was asked for the column \(wanted), which is not in: \(line)", remedy: Self.report)
  }

  /// Refuses to take the result for the value that it should be.
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
    guard sqlite3_column_count(pointer) == 1 else {
      throw DioptraError("\(database.path) was asked for the only column of: \(line)", remedy: Self.report)
    }
  }

  private func name(of column: Int32) -> String {
    sqlite3_column_name(pointer, column).map { String(cString: $0) } ?? ""
  }

  private var line: String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }

  private static let report = "This is a fault of dioptra: report it with this line"
}
