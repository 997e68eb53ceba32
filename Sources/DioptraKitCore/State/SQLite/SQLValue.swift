internal import CSQLite
internal import DioptraModel
internal import DioptraSystem

/// A value in SQLite.
enum SQLValue: Equatable, Sendable {
  case null
  case integer(Int)
  case text(String)
  case blob([UInt8])

  /// A text, or null.
  init(_ text: String?) {
    self = text.map { .text($0) } ?? .null
  }

  /// The permissions of a file, or null.
  init(mode: UInt32?) {
    self = mode.map { .integer(Int($0)) } ?? .null
  }

  /// The characters of a value that identifies a row.
  var characters: String {
    switch self {
    case .null: ""
    case .integer(let value): String(value)
    case .text(let value): value
    case .blob(let bytes): String(decoding: bytes, as: UTF8.self)
    }
  }

  func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
    switch self {
    case .null: sqlite3_bind_null(statement, index)
    case .integer(let value): sqlite3_bind_int64(statement, index, sqlite3_int64(value))
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
}

extension SQLValue: SQLReadable {
  init(column: Int32, of statement: OpaquePointer) {
    if let value = Int(column: column, of: statement) {
      self = .integer(value)
    } else if let value = String(column: column, of: statement) {
      self = .text(value)
    } else if let value = [UInt8](column: column, of: statement) {
      self = .blob(value)
    } else {
      self = .null
    }
  }
}
