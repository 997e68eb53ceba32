internal import DioptraSystem

/// Characters with marks in them that say which came from a variable, a secret, or another component.
///
/// Templates and generators write plain strings; the marks, characters that no value may hold, travel along and are
/// taken out at the end, so that the origin of every character is known whatever wrote it.
package enum MarkedText {
  private static let variable: Character = "\u{E000}"
  private static let secret: Character = "\u{E001}"
  private static let component: Character = "\u{E002}"
  private static let separator: Character = "\u{E003}"
  private static let end: Character = "\u{E004}"

  package static func variable(_ name: VariableName, _ value: String) -> String {
    "\(variable)\(name)\(separator)\(value)\(end)"
  }

  /// - Parameter version: The version that the text shows; the one that is asked for later when nil.
  package static func secret(_ name: SecretName, _ encoding: Text.SecretEncoding, version: Int? = nil) -> String {
    "\(secret)\(name)\(separator)\(encoding.rawValue)\(version.map { ":\($0)" } ?? "")\(end)"
  }

  /// What follows belongs to another component.
  package static func owner(_ id: ComponentID) -> String {
    "\(component)\(id)\(end)"
  }

  /// The characters alone, with a letter in place of each secret.
  package static func visible(_ text: String) -> String {
    guard text.position(of: start) != nil else { return text }
    var visible = ""
    scan(text) { piece in
      switch piece {
      case .literal(let value), .variable(_, let value): visible += value
      case .secret: visible += "s"
      case .owner: break
      }
    }
    return visible
  }

  /// Takes the marks out.
  ///
  /// - Parameter owner: The component of what comes before the first mark of another.
  package static func segments(
    of text: String, owner: ComponentID, secretVersions: [SecretName: Int] = [:]
  ) -> [RenderedSegment] {
    var segments: [RenderedSegment] = []
    var owner = owner
    scan(text) { piece in
      switch piece {
      case .literal(let value):
        segments.append(RenderedSegment(content: .literal(value), component: owner))
      case .variable(let name, let value):
        segments.append(RenderedSegment(content: .variable(VariableName(name), value: value), component: owner))
      case .secret(let name, let encoding):
        let parts = encoding.split(separator: ":")
        let version = parts.dropFirst().first.flatMap { Int($0) } ?? secretVersions[SecretName(name)]
        let reference = SecretReference(
          name: SecretName(name), version: version ?? SecretReference.firstVersion)
        segments.append(
          RenderedSegment(
            content: .secret(reference, Text.SecretEncoding(rawValue: String(parts[0])) ?? .plain), component: owner))
      case .owner(let name): owner = ComponentID(name)
      }
    }
    return segments
  }

  private enum Piece {
    case literal(String)
    case variable(String, String)
    case secret(String, String)
    case owner(String)
  }

  /// U+E000 to U+E004 in UTF-8: these two bytes and one of 0x80 to 0x84.
  private static let firstByte: UInt8 = 0xEE
  package static let start = [firstByte, secondByte]
  private static let secondByte: UInt8 = 0x80

  /// Goes through the text once, byte by byte: whole deployments of a thousand services pass here.
  private static func scan(_ text: String, _ take: (Piece) -> Void) {
    var text = text
    text.withUTF8 { bytes in
      func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
      func mark(at index: Int) -> Int? {
        guard index + 2 < bytes.count, bytes[index] == firstByte, bytes[index + 1] == secondByte else { return nil }
        let kind = Int(bytes[index + 2]) - 0x80
        return (0...4).contains(kind) ? kind : nil
      }
      func find(_ kind: Int, from start: Int) -> Int? {
        (start..<bytes.count).first { mark(at: $0) == kind }
      }
      var literal = 0
      var index = 0
      while index < bytes.count {
        guard bytes[index] == firstByte, let kind = mark(at: index), kind <= 2, let end = find(4, from: index) else {
          index += 1
          continue
        }
        if literal < index { take(.literal(string(literal..<index))) }
        let start = index + 3
        let separator = find(3, from: start).flatMap { $0 < end ? $0 : nil }
        let name = string(start..<(separator ?? end))
        let value = separator.map { string(($0 + 3)..<end) } ?? ""
        switch kind {
        case 0: take(.variable(name, value))
        case 1: take(.secret(name, value))
        default: take(.owner(name))
        }
        index = end + 3
        literal = index
      }
      if literal < bytes.count { take(.literal(string(literal..<bytes.count))) }
    }
  }
}
