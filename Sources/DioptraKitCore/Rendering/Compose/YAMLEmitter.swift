/// Writes a YAML tree in block style, two blanks deeper for each level, lists too.
struct YAMLEmitter {
  private(set) var text = ""

  mutating func emit(_ entries: [YAMLNode.Entry], indent: Int = 0) {
    let margin = String(repeating: " ", count: indent)
    for (index, entry) in entries.enumerated() {
      if let owner = entry.owner { text += MarkedText.owner(owner) }
      if entry.isSpaced, index > 0 || indent == 0, !text.isEmpty { text += "\n" }
      for line in entry.comment { text += line.isEmpty ? "\(margin)#\n" : "\(margin)# \(line)\n" }
      text += "\(margin)\(YAMLScalar.plainOrQuoted(entry.key)):"
      emitValue(entry.value, indent: indent)
    }
  }

  private mutating func emitValue(_ node: YAMLNode, indent: Int) {
    switch node {
    case .map(let entries) where !entries.isEmpty:
      text += "\n"
      emit(entries, indent: indent + 2)
    case .list(let items) where !items.isEmpty:
      text += "\n"
      let margin = String(repeating: " ", count: indent + 2)
      for item in items { text += "\(margin)- \(block(item, margin: margin + "  ") ?? inline(item))\n" }
    default: text += " \(inline(node))\n"
    }
  }

  /// A string of several lines, as they are; nil for every other node.
  private func block(_ node: YAMLNode, margin: String) -> String? {
    guard case .string(let value) = node, value.first?.isASCIIAlphanumeric == true,
      value.unicodeScalars.contains("\n"), value.unicodeScalars.last != "\n",
      value.unicodeScalars.allSatisfy({ $0 == "\n" || YAMLScalar.isPrintable($0) })
    else { return nil }
    let lines = value.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard lines.allSatisfy({ $0.isEmpty || $0.contains { $0 != " " } }) else { return nil }
    return "|-\n" + lines.map { $0.isEmpty ? $0 : margin + $0 }.joined(separator: "\n")
  }

  private func inline(_ node: YAMLNode) -> String {
    switch node {
    case .string(let value): YAMLScalar.plainOrQuoted(value)
    case .quoted(let value): YAMLScalar.doubleQuoted(value)
    case .literal(let value): value
    case .flow(let items): "[" + items.map { YAMLScalar.plainOrQuoted($0, inFlow: true) }.joined(separator: ", ") + "]"
    case .list: "[]"
    case .map: "{}"
    }
  }
}

/// How a string is written, so that every YAML reader gets the same string back.
enum YAMLScalar {
  static func plainOrQuoted(_ value: String, inFlow: Bool = false) -> String {
    isPlain(MarkedText.visible(value), inFlow: inFlow) ? value : doubleQuoted(value)
  }

  /// A value of a file whose reader takes every scalar as text: quoted only where YAML's syntax needs it.
  static func text(_ value: String) -> String {
    isReserved(value) || looksLikeNumber(value) ? value : plainOrQuoted(value)
  }

  static func doubleQuoted(_ value: String) -> String {
    // Scalar by scalar: a quotation mark with an accent over it is one character of Swift's and still ends a string.
    "\"" + value.unicodeScalars.reduce(into: "") { text, scalar in text += escaped(scalar) } + "\""
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
  static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20..<0x7F, 0xA0..<0x2028, 0x202A..<0xD800, 0xE000..<0xFEFF, 0xFF00..<0xFFFE, 0x10000...0x10FFFF: true
    default: false
    }
  }

  /// Whether YAML 1.1 and 1.2 readers both take the characters as the string itself.
  private static func isPlain(_ value: String, inFlow: Bool) -> Bool {
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
