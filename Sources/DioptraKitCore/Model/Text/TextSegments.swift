internal import DioptraSystem

/// Helpers for generators of files.
extension Text {
  /// Adjacent literals of one component are merged into one segment.
  package mutating func append(_ segment: Segment) {
    guard case .literal(let more) = segment.content, let last = segments.last, last.component == segment.component,
      case .literal = last.content
    else { return segments.append(segment) }
    extend(with: more)
  }

  /// - Parameter component: The owner of the characters; nil for the file's own component.
  package mutating func append(_ literal: String, of component: ComponentID? = nil) {
    if !literal.isEmpty { append(Segment(.literal(literal), of: component)) }
  }

  /// Appends in place, because whole files are built this way.
  private mutating func extend(with more: String) {
    let last = segments.count - 1
    guard case .literal(var characters) = segments[last].content else { return }
    segments[last].content = .literal("")
    characters += more
    segments[last].content = .literal(characters)
  }

  package var isEmpty: Bool { segments.isEmpty }

  /// The text as a part of another component's file.
  package func of(_ component: ComponentID?) -> Text {
    Text(segments: segments.map { Segment($0.content, of: $0.component ?? component) })
  }

  /// The characters with a letter in place of each secret and each address.
  package var visible: String { segments.map { $0.characters ?? "s" }.joined() }

  /// The characters with each secret as `‹name›`.
  package var masked: String { segments.map(\.masked).joined() }

  /// The secrets in the text, each occurrence with its version.
  package var secrets: [SecretReference] { segments.compactMap { $0.secret?.reference } }

  /// The text with its characters replaced, each with the same origin.
  package func mapCharacters(_ transform: (String) throws -> String) rethrows -> Text {
    Text(
      segments: try segments.map { segment in
        switch segment.content {
        case .literal(let value): Segment(.literal(try transform(value)), of: segment.component)
        case .variable(let name, let value):
          Segment(.variable(name, value: try transform(value)), of: segment.component)
        case .secret, .endpoint: segment
        }
      })
  }
}

extension Text.Segment {
  /// The characters; nil if they are known later or secret.
  package var characters: String? {
    switch content {
    case .literal(let value), .variable(_, let value): value
    case .secret, .endpoint: nil
    }
  }

  /// The secret in this place, and its encoding.
  package var secret: (reference: SecretReference, encoding: Text.SecretEncoding)? {
    guard case .secret(let name, let encoding, let version) = content else { return nil }
    return (SecretReference(name: name, version: version ?? SecretReference.firstVersion), encoding)
  }

  /// The characters, or a secret as `‹name›`.
  package var masked: String {
    switch content {
    case .literal(let value), .variable(_, let value): value
    case .secret(let name, _, _): "‹\(name)›"
    case .endpoint(let name, _): "‹\(name)›"
    }
  }
}

extension [Text] {
  /// Joins texts with a separator.
  package func joined(separator: String) -> Text {
    var result = Text("")
    for (index, text) in enumerated() {
      if index > 0 { result.append(separator) }
      result += text
    }
    return result
  }
}
