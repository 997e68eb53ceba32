internal import DioptraSystem

/// How a string is written, so that every YAML reader gets the same string back.
package enum YAMLScalar {
  package static func plainOrQuoted(_ value: String, inFlow: Bool = false) -> String {
    isPlain(value, inFlow: inFlow) ? value : doubleQuoted(value)
  }

  /// A value of a file whose reader takes every scalar as text: quoted only where YAML's syntax needs it.
  package static func text(_ value: String) -> String {
    isReserved(value) || looksLikeNumber(value) ? value : plainOrQuoted(value)
  }

  package static func doubleQuoted(_ value: String) -> String {
    "\"" + escaped(value) + "\""
  }

  /// The characters as they stand between double quotation marks.
  package static func escaped(_ value: String) -> String {
    // Scalar by scalar: a quotation mark with an accent over it is one character of Swift's and still ends a string.
    value.unicodeScalars.reduce(into: "") { text, scalar in text += escaped(scalar) }
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"": return "\\\""
    case "\\": return "\\\\"
    case "\n": return "\\n"
    case "\t": return "\\t"
    default:
      guard !isPrintable(scalar) else { return String(scalar) }
      let digits = String(scalar.value, radix: 16)
      return "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
    }
  }

  /// Whether YAML lets the character stand as it is.
  package static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20..<0x7F, 0xA0..<0x2028, 0x202A..<0xD800, 0xE000..<0xFEFF, 0xFF00..<0xFFFE, 0x10000...0x10FFFF: true
    default: false
    }
  }

  /// Whether YAML 1.1 and 1.2 readers both take the characters as the string itself.
  package static func isPlain(_ value: String, inFlow: Bool) -> Bool {
    var value = value
    let isPlainText = value.withUTF8 { bytes in
      guard let first = bytes.first, let last = bytes.last, last != UInt8(ascii: " "), last != UInt8(ascii: ":") else {
        return false
      }
      guard safeAtStart[Int(first)] || isOption(bytes) else { return false }
      var previous: UInt8 = 0
      for byte in bytes {
        guard safe[Int(byte)] || (!inFlow && safeInBlock[Int(byte)]) else { return false }
        if byte == UInt8(ascii: " "), previous == UInt8(ascii: ":") { return false }
        if byte == UInt8(ascii: "#"), previous == UInt8(ascii: " ") { return false }
        previous = byte
      }
      return true
    }
    return isPlainText && !isReserved(value) && !looksLikeNumber(value)
  }

  private static let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
  private static let safeAtStart = table("/._$0123456789" + letters)
  private static let safe = table(" !#$%&()*+-./:;<=>@^_|~0123456789" + letters)
  private static let safeInBlock = table(",[]{}'?\"")

  /// For each byte, whether it is one of the characters.
  private static func table(_ characters: String) -> [Bool] {
    let bytes = Set(characters.utf8)
    return (0...255).map { bytes.contains(UInt8($0)) }
  }

  /// `-f` and `--wait-for` read well without quotes; hyphens alone would not be a string.
  private static func isOption(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    let hyphens = bytes.prefix { $0 == UInt8(ascii: "-") }.count
    guard (1...2).contains(hyphens), bytes.count > hyphens else { return false }
    return Character(Unicode.Scalar(bytes[hyphens])).isASCIILetter
  }

  private static func isReserved(_ value: String) -> Bool {
    guard value.utf8.count <= 5 else { return false }
    return ["true", "false", "yes", "no", "on", "off", "y", "n", "null"].contains(value.lowercased())
  }

  /// Numbers, dates, times and the like, all of which begin with a digit, a dot or a sign and hold nothing else.
  private static func looksLikeNumber(_ value: String) -> Bool {
    guard let first = value.utf8.first, first == UInt8(ascii: ".") || (0x30...0x39).contains(first) else {
      return false
    }
    let lower = value.lowercased()
    if lower == ".inf" || lower == ".nan" { return true }
    return lower.allSatisfy { $0.isHexDigit || "xo_.:+-tz ".contains($0) }
  }
}
