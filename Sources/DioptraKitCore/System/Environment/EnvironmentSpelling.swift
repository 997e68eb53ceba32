/// Writes a value so that every version of Compose reads it back exactly.
package enum EnvironmentSpelling {
  /// Unquoted if nothing in it is special to Compose; in single quotes if nothing in it ends them; otherwise in double
  /// quotes with escapes.
  package static func of(_ value: String) -> String {
    if isPlain(value) { return value }
    return fitsSingleQuotes(value) ? "'\(value)'" : "\"\(escaped(value))\""
  }

  /// Whether a value needs no quotes.
  package static func isPlain(_ value: String) -> Bool {
    value.utf8.allSatisfy { $0.isLetterOrDigit || plain.contains($0) }
  }
  private static let plain = Set("_./:@%+,=*-".utf8)

  package static func fitsSingleQuotes(_ value: String) -> Bool {
    !value.utf8.contains(UInt8(ascii: "'")) && value.utf8.last != UInt8(ascii: "\\")
      && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
  }

  /// The content of double quotes. A backslash is written as a number: a quote must never follow one.
  package static func escaped(_ value: String) -> String {
    value.unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar {
      case "\\": text += "\\0134"
      case "\"": text += "\\\""
      case "$": text += "\\$"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}
