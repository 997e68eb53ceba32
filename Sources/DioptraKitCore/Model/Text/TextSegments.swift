internal import DioptraSystem

/// Helpers for generators of files.
extension Text {
  /// Adjacent literals of one component are merged into one segment if they are adjacent in their template too.
  package mutating func append(_ segment: Segment) {
    guard case .literal(let more) = segment.content, let last = segments.last, last.component == segment.component,
      case .literal = last.content, last.place == nil && segment.place == nil || last.placeBehind == segment.place
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
    Text(segments: segments.map { Segment($0.content, of: $0.component ?? component, at: $0.place) })
  }

  /// The characters with a letter in place of each secret and each address.
  package var visible: String {
    segments.count == 1 ? segments[0].characters ?? "s" : segments.map { $0.characters ?? "s" }.joined()
  }

  /// The characters with each secret as `‹name›`.
  package var masked: String { segments.map(\.masked).joined() }

  /// The secrets in the text, each occurrence with its version.
  package var secrets: [SecretReference] { segments.compactMap { $0.secret?.reference } }

  /// The text with its characters replaced, each with the same origin.
  package func mapCharacters(_ transform: (String) throws -> String) rethrows -> Text {
    Text(
      segments: try segments.map { segment in
        switch segment.content {
        case .literal(let value): segment.with(.literal(try transform(value)))
        case .variable(let name, let value): segment.with(.variable(name, value: try transform(value)))
        case .secret, .endpoint: segment
        }
      })
  }
}

extension Text.Segment {
  /// Other content of the same origin.
  package func with(_ content: Content) -> Self { Self(content, of: component, at: place) }

  /// Where its template goes on behind it. Only a literal is as many lines of the template as it has.
  package var placeBehind: Place? {
    guard let place, case .literal(let characters) = content else { return place }
    return Place(template: place.template, line: place.line + characters.lineEnds)
  }

  /// Its lines, without their ends; one at least.
  package var lines: [Self] {
    guard let characters, characters.lineEnds > 0 else { return [self] }
    var line = with(content)
    return characters.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { part in
      defer {
        if case .literal = content { line.place = line.place.map { Place(template: $0.template, line: $0.line + 1) } }
      }
      return line.with(String(Substring(part)))
    }
  }

  /// The same origin with other characters; what is known later stays what it is.
  package func with(_ characters: String) -> Self {
    switch content {
    case .literal: with(.literal(characters))
    case .variable(let name, _): with(.variable(name, value: characters))
    case .secret, .endpoint: self
    }
  }

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

extension String {
  fileprivate var lineEnds: Int {
    var text = self
    return text.withUTF8 { $0.lineEnds.count }
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
