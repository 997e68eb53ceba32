/// Bytes in any encoding or none as characters, and back without a loss.
///
/// What is UTF-8 stays as it is. Any other byte becomes U+E003 and the character of its number, and so do the bytes of the
/// five characters that mark things in rendered text. State keeps texts and paths in this form.
extension String {
  /// The characters of some bytes.
  public init(exactly bytes: [UInt8]) {
    guard bytes.contains(0xEE) || String(validating: bytes, as: UTF8.self) == nil else {
      self = String(decoding: bytes, as: UTF8.self)
      return
    }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + bytes.count / 8)
    var index = 0
    while index < bytes.count {
      let length = Self.scalarLength(bytes, at: index)
      if length > 0, !Self.isMark(bytes, at: index) {
        result += bytes[index..<(index + length)]
        index += length
      } else {
        result += Self.escapeStart
        result += Character(Unicode.Scalar(bytes[index])).utf8
        index += 1
      }
    }
    self = String(decoding: result, as: UTF8.self)
  }

  /// The bytes that the characters stand for.
  public var exactBytes: [UInt8] {
    let bytes = Array(utf8)
    guard bytes.contains(Self.escapeStart[0]) else { return bytes }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      if let byte = Self.escapedByte(bytes, at: index) {
        result.append(byte)
        index += Self.escapeLength
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return result
  }

  /// Whether the characters are what they seem: none stands for a byte that is no text.
  public var isExactText: Bool {
    let bytes = Array(utf8)
    return !bytes.contains(Self.escapeStart[0]) || !bytes.indices.contains { Self.escapedByte(bytes, at: $0) != nil }
  }

  /// The bytes as the system takes a name.
  package var diskName: [CChar] { exactBytes.map { CChar(bitPattern: $0) } + [0] }

  /// U+E003, which no name and no text of components has.
  private static let escapeStart: [UInt8] = [0xEE, 0x80, 0x83]
  private static let escapeLength = 5

  /// The byte that an escape stands for; nil where none begins.
  private static func escapedByte(_ bytes: [UInt8], at index: Int) -> UInt8? {
    guard index + 4 < bytes.count, bytes[index] == 0xEE, bytes[index + 1] == 0x80, bytes[index + 2] == 0x83,
      bytes[index + 3] == 0xC2 || bytes[index + 3] == 0xC3, bytes[index + 4] & 0xC0 == 0x80
    else { return nil }
    return (bytes[index + 3] & 3) << 6 | (bytes[index + 4] & 0x3F)
  }

  /// U+E000 to U+E004.
  private static func isMark(_ bytes: [UInt8], at index: Int) -> Bool {
    index + 2 < bytes.count && bytes[index] == 0xEE && bytes[index + 1] == 0x80
      && (0x80...0x84).contains(bytes[index + 2])
  }

  /// How many bytes the character that begins there has; 0 where none does.
  private static func scalarLength(_ bytes: [UInt8], at index: Int) -> Int {
    func follows(_ offset: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
      index + offset < bytes.count && range.contains(bytes[index + offset])
    }
    switch bytes[index] {
    case 0..<0x80: return 1
    case 0xC2...0xDF: return follows(1) ? 2 : 0
    case 0xE0: return follows(1, 0xA0...0xBF) && follows(2) ? 3 : 0
    case 0xED: return follows(1, 0x80...0x9F) && follows(2) ? 3 : 0
    case 0xE1...0xEF: return follows(1) && follows(2) ? 3 : 0
    case 0xF0: return follows(1, 0x90...0xBF) && follows(2) && follows(3) ? 4 : 0
    case 0xF1...0xF3: return follows(1) && follows(2) && follows(3) ? 4 : 0
    case 0xF4: return follows(1, 0x80...0x8F) && follows(2) && follows(3) ? 4 : 0
    default: return 0
    }
  }
}

extension String {
  /// The text with each byte that is no text as `\xf6`.
  package var withVisibleBytes: String {
    if isExactText { return self }
    var result = ""
    var isByte = false
    for scalar in unicodeScalars {
      if isByte, (0x80...0xFF).contains(scalar.value) {
        result += "\\x" + String(scalar.value, radix: 16)
      } else if scalar != "\u{E003}" {
        result.unicodeScalars.append(scalar)
      }
      isByte = scalar == "\u{E003}"
    }
    return result
  }

  /// The text with everything in it that would steer a terminal, or deceive its reader, in escapes that are seen: control
  /// characters but tab and line feed, what turns the direction of writing or is invisible, characters of private use, and
  /// bytes that are no text.
  ///
  /// - Parameter isOneLine: Whether tabs and line feeds are shown too.
  package func visible(onOneLine isOneLine: Bool = false) -> String {
    // Most text has nothing of the kind: its bytes tell that sooner than its characters.
    let isPlain = utf8.allSatisfy { ($0 >= 0x20 && $0 < 0x7F) || (!isOneLine && ($0 == 0x0A || $0 == 0x09)) }
    if isPlain { return self }
    var result = ""
    var scalars = unicodeScalars.makeIterator()
    var next = scalars.next()
    while let scalar = next {
      next = scalars.next()
      if scalar == "\u{E003}", let byte = next, (0x80...0xFF).contains(byte.value) {
        result += "\\x" + String(byte.value, radix: 16, uppercase: true)
        next = scalars.next()
      } else if scalar == "\n" || scalar == "\t" {
        result += isOneLine ? "\\u{" + String(scalar.value, radix: 16) + "}" : String(scalar)
      } else if scalar.isHarmless {
        result.unicodeScalars.append(scalar)
      } else {
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      }
    }
    return result
  }
}

extension Unicode.Scalar {
  /// No control character, none that turns the direction of writing, none that is invisible, none of private use.
  package var isHarmless: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
    default: true
    }
  }
}
