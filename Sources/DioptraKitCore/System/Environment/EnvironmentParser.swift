/// Parses an environment file as Compose does, byte by byte: a comment may contain any bytes.
struct EnvironmentParser {
  /// `NAME=value`, `NAME: value`, either with `export` before it, or `NAME` alone.
  struct Statement {
    package enum Form {
      /// The value comes from the environment of Compose's caller.
      case inherited
      case unquoted
      /// - Parameter isEscaped: Whether a quote inside is preceded by a backslash.
      case single(isEscaped: Bool)
      case double
    }

    let name: String
    let line: Int
    let form: Form
    /// Without quotes, surrounding spaces, and a trailing comment.
    let content: ArraySlice<UInt8>
    let spelling: ArraySlice<UInt8>
  }

  private let bytes: [UInt8]
  private var position = 0
  private var line = 1

  init(_ bytes: [UInt8]) {
    let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    self.bytes = bytes.starts(with: byteOrderMark) ? Array(bytes.dropFirst(byteOrderMark.count)) : bytes
  }

  /// The next statement; nil at the end of the file.
  mutating func next() throws(EnvironmentFault) -> Statement? {
    skipToStatement()
    guard position < bytes.count else { return nil }
    let first = line
    let name = try name()
    guard let end = peek, end != .newline else {
      advance()
      return Statement(name: name, line: first, form: .inherited, content: [], spelling: [])
    }
    advance()
    skipBlanks()
    switch peek {
    case UInt8(ascii: "'")?, UInt8(ascii: "\"")?: return try quoted(name, first)
    default: return unquoted(name, first)
    }
  }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func advance() {
    if peek == .newline { line += 1 }
    position += 1
  }

  // MARK: Between values

  private mutating func skipToStatement() {
    while position < bytes.count {
      let blank = bytes.whiteSpace(at: position)
      if blank > 0 {
        for _ in 0..<blank { advance() }
      } else if bytes[position] == .comment {
        while let byte = peek, byte != .newline { position += 1 }
      } else {
        return
      }
    }
  }

  /// White space within a line; the two characters beyond ASCII are those that Compose skips before a value.
  private mutating func skipBlanks() {
    while position < bytes.count, bytes[position] != .newline {
      let blank = bytes.blank(at: position)
      guard blank > 0 else { return }
      position += blank
    }
  }

  // MARK: Names

  private mutating func name() throws(EnvironmentFault) -> String {
    skipExport()
    let start = position
    while let byte = peek, byte != .newline, byte != UInt8(ascii: "="), byte != UInt8(ascii: ":") { position += 1 }
    let name = bytes[start..<position].droppingLast { bytes.blank(at: $0, in: $1) }
    guard !name.isEmpty, name.allSatisfy(\.isPartOfName) else {
      throw EnvironmentFault(
        line, "it is no line NAME=value: a name has letters, digits, '_', '.' and '-'",
        remedy: "Correct the line, or make it a comment with # in front")
    }
    return String(decoding: name, as: UTF8.self)
  }

  private mutating func skipExport() {
    let word = Array("export".utf8)
    guard bytes[position...].starts(with: word), position + word.count < bytes.count,
      [0x20, 0x09, 0x0C, 0x0D].contains(bytes[position + word.count])
    else { return }
    position += word.count
    skipBlanks()
  }

  // MARK: Values

  private mutating func unquoted(_ name: String, _ first: Int) -> Statement {
    let start = position
    while let byte = peek, byte != .newline { position += 1 }
    let whole = bytes[start..<position]
    let comment = whole.indices.dropLast().first { bytes[$0] == 0x20 && bytes[$0 + 1] == .comment }
    let content = whole[..<(comment ?? whole.endIndex)].droppingLast { bytes.blank(at: $0, in: $1) }
    return Statement(name: name, line: first, form: .unquoted, content: content, spelling: content)
  }

  private mutating func quoted(_ name: String, _ first: Int) throws(EnvironmentFault) -> Statement {
    let quote = bytes[position]
    let start = position
    var backslashes = 0
    var isEscaped = false
    position += 1
    while let byte = peek {
      defer { backslashes = byte == UInt8(ascii: "\\") ? backslashes + 1 : 0 }
      guard byte == quote else {
        advance()
        continue
      }
      if backslashes % 2 == 1 {
        isEscaped = true
        advance()
        continue
      }
      guard backslashes == 0 else {
        throw EnvironmentFault(
          line, "versions of Compose do not agree whether a quote after two backslashes ends the value",
          remedy: "Write the value without quotes, and each $ in it twice")
      }
      advance()
      try finishLine()
      let spelling = bytes[start..<valueEnd]
      return Statement(
        name: name, line: first, form: quote == UInt8(ascii: "'") ? .single(isEscaped: isEscaped) : .double,
        content: spelling.dropFirst().dropLast(), spelling: spelling)
    }
    throw EnvironmentFault(
      first, "the quote that begins its value has no end", remedy: "Put a quote at the value's end")
  }

  private var valueEnd = 0

  /// Only a comment may follow a closing quote: Compose would take anything else for another name.
  private mutating func finishLine() throws(EnvironmentFault) {
    valueEnd = position
    skipBlanks()
    guard let byte = peek, byte != .newline, byte != .comment else { return }
    throw EnvironmentFault(
      line, "there is text behind the closing quote", remedy: "Put all of the value between the quotes")
  }
}

extension UInt8 {
  package static let newline = UInt8(ascii: "\n")
  fileprivate static let comment = UInt8(ascii: "#")

  fileprivate var isPartOfName: Bool { isLetterOrDigit || [0x5F, 0x2E, 0x2D, 0x5B, 0x5D].contains(self) }

  /// In ASCII.
  package var isLetterOrDigit: Bool { isLetter || (0x30...0x39).contains(self) }
  package var isLetter: Bool { (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) }
}

extension [UInt8] {
  /// The length of a white-space character at a position, except line endings; U+0085 and U+00A0 are included.
  fileprivate func blank(at index: Int) -> Int {
    switch self[index] {
    case 0x09, 0x0B, 0x0C, 0x0D, 0x20: 1
    case 0xC2 where index + 1 < count && [0x85, 0xA0].contains(self[index + 1]): 2
    default: 0
    }
  }

  /// The length of the white-space character at the end of the bytes.
  fileprivate func blank(at end: Int, in part: ArraySlice<UInt8>) -> Int {
    if end - 1 >= part.startIndex, self[end - 1] < 0x80 { return blank(at: end - 1) }
    return end - 2 >= part.startIndex && blank(at: end - 2) == 2 ? 2 : 0
  }

  /// The length of any white-space character at a position.
  fileprivate func whiteSpace(at index: Int) -> Int {
    if self[index] == .newline { return 1 }
    let blank = blank(at: index)
    if blank > 0 { return blank }
    return Self.wideBlanks.contains { self[index...].starts(with: $0) } ? 3 : 0
  }

  /// U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F and U+3000.
  static let wideBlanks: [[UInt8]] =
    [[0xE1, 0x9A, 0x80], [0xE2, 0x80, 0xA8], [0xE2, 0x80, 0xA9], [0xE2, 0x80, 0xAF], [0xE2, 0x81, 0x9F]]
    + [[0xE3, 0x80, 0x80]] + (0x80...0x8A).map { [0xE2, 0x80, $0] }
}

extension ArraySlice<UInt8> {
  /// Without trailing parts, as long as these have a length.
  fileprivate func droppingLast(_ length: (Int, Self) -> Int) -> Self {
    var rest = self
    while !rest.isEmpty {
      let blank = length(rest.endIndex, rest)
      guard blank > 0 else { break }
      rest = rest.dropLast(blank)
    }
    return rest
  }
}
