internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
package import DioptraState
internal import DioptraSystem

/// The whole history, one JSON object per line, without secrets.
package struct HistoryExport {
  private let state: State

  package init(of state: State) {
    self.state = state
  }

  /// Writes all lines, as of one moment.
  ///
  /// - Parameter write: Receives each line, without its end.
  package func lines(_ write: (String) throws -> Void) throws {
    try state.snapshot {
      let mask = SecretMask(try state.secretValues())
      try state.export { try write(Self.line($0, hiding: mask)) }
    }
  }

  private static func shown(
    _ text: String, _ column: String, of table: String, hiding mask: SecretMask
  ) -> String {
    switch (table, column) {
    case ("content", "body"): StoredText(text).shown(hiding: mask)
    // Some are digests of files and settings with passwords, which a user may have chosen.
    case ("step", "inputs"): text.replacing(#/"[0-9a-f]{64}"/#, with: "\"‹digest›\"")
    case (_, "path"): mask.masked(text.shownPath)
    default: mask.masked(text)
    }
  }

  private static func line(_ row: State.ExportedRow, hiding mask: SecretMask) -> String {
    var members = ["\"table\":\"\(row.table)\""]
    for (column, value) in row.cells {
      let shown =
        switch value {
        case .integer(let number): String(number)
        case .text(let text): Self.shown(text, column, of: row.table, hiding: mask).jsonString
        case .none: "null"
        }
      members.append("\"\(column.camelCased)\":\(shown)")
    }
    return "{\(members.joined(separator: ","))}"
  }
}

extension String {
  /// The column's name in JSON.
  fileprivate var camelCased: String {
    let parts = split(separator: "_")
    return parts.dropFirst().reduce(String(parts.first ?? "")) { $0 + $1.prefix(1).uppercased() + $1.dropFirst() }
  }

  /// The text as a JSON string, with quotes.
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
