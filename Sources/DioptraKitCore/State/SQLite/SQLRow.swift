internal import CSQLite
internal import DioptraModel
internal import DioptraSystem

/// A row of a result while its statement is at it.
///
/// A column is read by name, as the requested type: `let path: String = try row["path"]`. A nullable column is read as
/// an optional; any other null is an error, as are another type and an unknown name.
struct SQLRow {
  fileprivate let statement: SQLStatement

  init(statement: SQLStatement) {
    self.statement = statement
  }

  subscript<Value: SQLReadable>(_ column: StaticString) -> Value {
    get throws(DioptraError) { try value(at: statement.index(of: column)) }
  }

  /// The only column; nil if it is null.
  func only<Value: SQLReadable>() throws(DioptraError) -> Value? {
    try statement.requireOneColumn()
    return try value(at: 0)
  }

  /// The column at a position in the list of names that the statement was built from.
  func value<Value: SQLReadable>(at column: Int32) throws(DioptraError) -> Value {
    guard let value = Value(column: column, of: statement.pointer) else {
      throw statement.mismatch(column, Value.self)
    }
    return value
  }

  /// The column's bytes in SQLite, at a position in the list of names that the statement was built from; nil for
  /// others.
  func withBytes(at column: Int32, _ body: (UnsafeRawBufferPointer) -> Void) {
    guard sqlite3_column_type(statement.pointer, column) == SQLITE_BLOB else { return }
    let start = sqlite3_column_blob(statement.pointer, column)
    body(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement.pointer, column))))
  }
}

/// A type that a column can be read as.
protocol SQLReadable {
  /// nil if the column has another type.
  init?(column: Int32, of statement: OpaquePointer)
}

extension Optional: SQLReadable where Wrapped: SQLReadable {
  init?(column: Int32, of statement: OpaquePointer) {
    if let value = Wrapped(column: column, of: statement) {
      self = .some(value)
    } else {
      guard sqlite3_column_type(statement, column) == SQLITE_NULL else { return nil }
      self = .none
    }
  }
}

extension Int: SQLReadable {
  init?(column: Int32, of statement: OpaquePointer) {
    guard sqlite3_column_type(statement, column) == SQLITE_INTEGER else { return nil }
    self.init(sqlite3_column_int64(statement, column))
  }
}

/// The permissions of a file.
extension UInt32: SQLReadable {
  init?(column: Int32, of statement: OpaquePointer) {
    guard let value = Int(column: column, of: statement) else { return nil }
    self.init(exactly: value)
  }
}

extension Bool: SQLReadable {
  init?(column: Int32, of statement: OpaquePointer) {
    switch Int(column: column, of: statement) {
    case 0: self = false
    case 1: self = true
    default: return nil
    }
  }
}

extension String: SQLReadable {
  init?(column: Int32, of statement: OpaquePointer) {
    guard sqlite3_column_type(statement, column) == SQLITE_TEXT else { return nil }
    let start = sqlite3_column_text(statement, column)
    self.init(
      decoding: UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))),
      as: UTF8.self)
  }
}

extension [UInt8]: SQLReadable {
  init?(column: Int32, of statement: OpaquePointer) {
    guard sqlite3_column_type(statement, column) == SQLITE_BLOB else { return nil }
    let start = sqlite3_column_blob(statement, column)
    self.init(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
  }
}

extension SQLReadable where Self: RawRepresentable, RawValue: SQLReadable {
  init?(column: Int32, of statement: OpaquePointer) {
    guard let value = RawValue(column: column, of: statement) else { return nil }
    self.init(rawValue: value)
  }
}

extension Identifier: SQLReadable {
  init?(column: Int32, of statement: OpaquePointer) {
    guard let name = String(column: column, of: statement) else { return nil }
    self.init(name)
  }
}

/// As 64 hexadecimal digits.
extension Digest: SQLReadable {
  init?(column: Int32, of statement: OpaquePointer) {
    guard let digits = String(column: column, of: statement) else { return nil }
    self.init(hexadecimal: digits)
  }
}
