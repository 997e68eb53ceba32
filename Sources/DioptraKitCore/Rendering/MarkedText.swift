/// Characters with marks in them that say which came from a variable, a secret, or another component.
///
/// Templates and generators write plain strings; the marks, characters that no value may hold, travel along and are
/// taken out at the end, so that the origin of every character is known whatever wrote it.
enum MarkedText {
  private static let variable: Character = "\u{E000}"
  private static let secret: Character = "\u{E001}"
  private static let component: Character = "\u{E002}"
  private static let separator: Character = "\u{E003}"
  private static let end: Character = "\u{E004}"

  static func variable(_ name: VariableName, _ value: String) -> String {
    "\(variable)\(name)\(separator)\(value)\(end)"
  }

  static func secret(_ name: SecretName, _ encoding: Text.SecretEncoding) -> String {
    "\(secret)\(name)\(separator)\(encoding.rawValue)\(end)"
  }

  /// What follows belongs to another component.
  static func owner(_ id: ComponentID) -> String {
    "\(component)\(id)\(end)"
  }

  /// The characters alone, with a letter in place of each secret.
  static func visible(_ text: String) -> String {
    guard text.utf8.contains(0xEE) else { return text }
    return segments(of: text, owner: "").map { segment in
      switch segment.content {
      case .literal(let value), .variable(_, let value): value
      case .secret: "s"
      }
    }.joined()
  }

  /// Takes the marks out.
  ///
  /// - Parameter owner: The component of what comes before the first mark of another.
  static func segments(
    of text: String, owner: ComponentID, secretVersions: [SecretName: Int] = [:]
  ) -> [RenderedSegment] {
    var segments: [RenderedSegment] = []
    var owner = owner
    var rest = text[...]
    func append(_ content: RenderedSegment.Content) {
      if case .literal(let value) = content, case .literal(let last)? = segments.last?.content,
        segments.last?.component == owner
      {
        segments[segments.count - 1].content = .literal(last + value)
      } else {
        segments.append(RenderedSegment(content: content, component: owner))
      }
    }
    while let mark = rest.utf8.firstIndex(of: 0xEE) {
      if mark > rest.startIndex { append(.literal(String(rest[..<mark]))) }
      let kind = rest[mark]
      guard [variable, secret, component].contains(kind), let close = rest[mark...].firstIndex(of: end) else {
        append(.literal(String(kind)))
        rest = rest[rest.index(after: mark)...]
        continue
      }
      let parts = rest[rest.index(after: mark)..<close].split(separator: separator, omittingEmptySubsequences: false)
      let name = String(parts[0])
      switch kind {
      case variable: append(.variable(VariableName(name), value: String(parts[1])))
      case secret:
        let reference = SecretReference(
          name: SecretName(name), version: secretVersions[SecretName(name)] ?? SecretReference.firstVersion)
        append(.secret(reference, Text.SecretEncoding(rawValue: String(parts[1])) ?? .plain))
      default: owner = ComponentID(name)
      }
      rest = rest[rest.index(after: close)...]
    }
    if !rest.isEmpty { append(.literal(String(rest))) }
    return segments
  }
}
