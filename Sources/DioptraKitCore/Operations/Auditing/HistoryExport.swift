internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
public import DioptraState
internal import DioptraSystem

/// Everything that history knows, one JSON object a line, without secrets.
public struct HistoryExport {
  private let state: State

  public init(of state: State) {
    self.state = state
  }

  /// The tables in the order in which they are told, with the columns that hold nothing secret.
  private static let tables: [(name: String, columns: [String], order: String)] = [
    ("deployment", ["name", "value"], "name"),
    ("secret", ["name", "version", "created_at"], "name, version"),
    ("run", ["id", "command", "version", "user", "host", "started_at", "finished_at", "outcome"], "id"),
    (
      "step",
      [
        "run", "id", "component", "title", "engine", "inputs", "volumes", "started_at", "finished_at", "duration",
        "outcome", "output",
      ], "run, id"
    ),
    (
      "generation",
      ["id", "run", "template_version", "release", "migrations", "configuration", "applied_at"], "id"
    ),
    (
      "file", ["generation", "path", "component", "rendered", "rendered_mode", "recorded", "recorded_mode"],
      "generation, path"
    ),
    // Not `expected`: the digest of bytes that a person wrote into a private file may be a way to guess them.
    ("change", ["generation", "path", "content", "mode"], "generation, path"),
    ("migration", ["id", "generation", "applied_at"], "generation, id"),
    ("backup", ["run", "path", "digest", "bytes", "encrypted", "finished_at"], "run"),
    ("claim", ["engine", "volume", "run", "created_at"], "engine, volume"),
    ("content", ["digest", "body"], "digest"),
    ("output", ["digest", "body"], "digest"),
    ("event", ["id", "at", "kind", "body", "previous", "digest"], "id"),
  ]

  /// Writes all lines, as State is at one moment.
  ///
  /// - Parameter write: Takes each line, without its end.
  public func lines(_ write: (String) throws -> Void) throws {
    try state.database.snapshot {
      let mask = SecretMask(try state.secretValues())
      for table in Self.tables {
        var failure: (any Error)?
        let statement = "SELECT \(table.columns.joined(separator: ", ")) FROM \(table.name) ORDER BY \(table.order)"
        try state.database.forEachRow(statement) { row in
          guard failure == nil, !Self.isPrivate(row, of: table.name) else { return }
          do { try write(Self.line(table.name, table.columns, row, hiding: mask)) } catch { failure = error }
        }
        if let failure { throw failure }
      }
    }
  }

  private static func isPrivate(_ row: SQLRow, of table: String) -> Bool {
    table == "deployment" && row.text(0) == State.chainKeyName
  }

  private static func shown(
    _ text: String, _ column: String, of table: String, hiding mask: SecretMask
  ) -> String {
    switch (table, column) {
    case ("content", "body"): StoredText(text).shown(hiding: mask)
    // Some are digests of files and settings with passwords, which a person may have chosen.
    case ("step", "inputs"): text.replacing(#/"[0-9a-f]{64}"/#, with: "\"‹digest›\"")
    case (_, "path"): mask.masked(text.shownPath)
    default: mask.masked(text)
    }
  }

  private static func line(
    _ table: String, _ columns: [String], _ row: SQLRow, hiding mask: SecretMask
  ) throws -> String {
    var members = ["\"table\":\"\(table)\""]
    for (column, value) in zip(columns, row.values) {
      let shown: String
      switch value {
      case .integer(let number): shown = String(number)
      case .text(let text):
        shown = Self.shown(text, column, of: table, hiding: mask).jsonString
      case .null, .blob: shown = "null"
      }
      members.append("\"\(column.camelCased)\":\(shown)")
    }
    return "{\(members.joined(separator: ","))}"
  }
}

extension String {
  /// The column's name as JSON has it.
  fileprivate var camelCased: String {
    let parts = split(separator: "_")
    return parts.dropFirst().reduce(String(parts.first ?? "")) { $0 + $1.prefix(1).uppercased() + $1.dropFirst() }
  }

  /// The text as a string of JSON, with its quotes.
  var jsonString: String {
    let isPlain = utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    if isPlain { return "\"\(self)\"" }
    var text = self
    var bytes: [UInt8] = [UInt8(ascii: "\"")]
    text.withUTF8 { characters in
      bytes.reserveCapacity(characters.count + 2)
      for byte in characters {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
        case 0x0A: bytes += Array("\\n".utf8)
        case 0x0D: bytes += Array("\\r".utf8)
        case 0x08: bytes += Array("\\b".utf8)
        case 0x0C: bytes += Array("\\f".utf8)
        case 0x09: bytes += Array("\\t".utf8)
        case 0..<0x20: bytes += Array((byte < 16 ? "\\u000" : "\\u00").utf8) + Array(String(byte, radix: 16).utf8)
        default: bytes.append(byte)
        }
      }
    }
    bytes.append(UInt8(ascii: "\""))
    return String(decoding: bytes, as: UTF8.self)
  }
}
