/// Converts bytes in any encoding to characters, and back without loss.
///
/// UTF-8 is unchanged. Any other byte becomes U+E003 and the character with its number, and so do the bytes of the five
/// characters that delimit secrets in stored text. State stores texts and paths in this form.
extension String {
  /// The characters for some bytes.
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

  /// The bytes for the characters.
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

  /// Whether the characters are literal: none represents a byte that is not text.
  public var isExactText: Bool {
    let bytes = Array(utf8)
    return !bytes.contains(Self.escapeStart[0]) || !bytes.indices.contains { Self.escapedByte(bytes, at: $0) != nil }
  }

  /// The bytes for system calls.
  package var diskName: [CChar] { exactBytes.map { CChar(bitPattern: $0) } + [0] }

  /// U+E003, which does not occur in names and texts of components.
  private static let escapeStart: [UInt8] = [0xEE, 0x80, 0x83]
  private static let escapeLength = 5

  /// The byte of an escape; nil if none begins there.
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

  /// The length of the character that begins there in bytes; 0 if there is none.
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
  /// The text with each byte that is not text as `\xf6`.
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

  /// The text with everything that could control a terminal or deceive the reader visibly escaped: control characters
  /// except tab and line feed, characters that change the text's direction or are invisible, private-use characters,
  /// and bytes that are not text.
  ///
  /// - Parameter isOneLine: Whether tabs and line feeds are escaped, too.
  package func visible(onOneLine isOneLine: Bool = false) -> String {
    // Most text contains none: its bytes show that faster than its characters.
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
  /// No control, directional, invisible or private-use characters.
  package var isHarmless: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
    default: true
    }
  }
}
