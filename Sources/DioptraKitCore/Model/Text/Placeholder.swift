internal import DioptraSystem

/// How a text stands in State's table of contents: the characters, and in place of a secret its name between
/// delimiters.
///
/// The delimiters are U+E000 to U+E004. Where a text itself has one of these, its bytes are kept as
/// `String.init(exactly:)` keeps bytes that are no text. Databases of all versions hold this form: it never changes.
enum Placeholder {
  private static let secretStart = "\u{E001}"
  private static let noteStart = "\u{E002}"
  private static let separator = "\u{E003}"
  private static let end = "\u{E004}"

  /// The bytes that all delimiters begin with.
  private static let start: [UInt8] = [0xEE, 0x80]
  private static let length = 3

  static func secret(_ reference: SecretReference, _ encoding: Text.SecretEncoding) -> String {
    "\(secretStart)\(reference.name)\(separator)\(encoding.rawValue):\(reference.version)\(end)"
  }

  /// Says something about the content; no character of it.
  static func note(_ word: String) -> String { noteStart + word + end }

  /// Whether some characters may hold a delimiter.
  static func isIn(_ characters: String) -> Bool { characters.position(of: start) != nil }

  /// Characters that are none of a mark.
  static func literal(_ characters: String) -> String {
    isIn(characters) ? String(exactly: characters.exactBytes) : characters
  }

  static func characters(of text: Text) -> String {
    text.segments.reduce(into: "") { result, segment in
      if let characters = segment.characters {
        result += literal(characters)
      } else if let (reference, encoding) = segment.secret {
        result += secret(reference, encoding)
      }
    }
  }

  static func text(of characters: String) -> Text {
    guard isIn(characters) else { return Text(characters) }
    var characters = characters
    return characters.withUTF8 { bytes in
      func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
      var text = Text("")
      var literal = 0
      var position = 0
      while let delimiter = bytes.position(of: start, from: position, to: bytes.count) {
        position = delimiter + start.count
        let name = delimiter + length
        guard name < bytes.count, let end = bytes.position(of: Array(Self.end.utf8), from: name, to: bytes.count)
        else { continue }
        switch string(delimiter..<name) {
        case secretStart:
          text.append(string(literal..<delimiter))
          text.append(Text.Segment(content(string(name..<end))))
        case noteStart: text.append(string(literal..<delimiter))
        default: continue
        }
        position = end + length
        literal = position
      }
      text.append(string(literal..<bytes.count))
      return text
    }
  }

  /// What stands between the delimiters of a secret: its name, how it is written, and its version.
  private static func content(_ text: String) -> Text.Segment.Content {
    let parts = text.unicodeScalars.split { $0 == "\u{E003}" }.map { String($0) }
    let form = (parts.dropFirst().first ?? "").split(separator: ":")
    return .secret(
      SecretName(parts.first ?? ""), form.first.flatMap { Text.SecretEncoding(rawValue: String($0)) } ?? .plain,
      version: form.dropFirst().first.flatMap { Int($0) })
  }
}

extension Text {
  /// One version of a secret.
  package init(_ reference: SecretReference, _ encoding: SecretEncoding) {
    self.init(segments: [.secret(reference.name, encoding, version: reference.version)])
  }
}
