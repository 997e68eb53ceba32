internal import DioptraSystem
internal import FoundationEssentials

/// A file's content as State keeps it: its characters with a placeholder where a secret stands.
package struct StoredText: Hashable, Sendable {
  /// Placeholders are marked with characters that no text holds, and so are bytes in another encoding than UTF-8. Bytes
  /// with a zero among them are no text, and kept as base64.
  package let characters: String

  private static let opaquePrefix = "\u{E002}base64\u{E004}"

  /// What components say about a file that is none of theirs.
  package static let nothing = StoredText("\u{E002}nothing\u{E004}")

  package init(_ characters: String) {
    self.characters = characters
  }

  /// The content of a rendered file.
  package init(_ file: RenderedFile) {
    characters = file.segments.map { segment in
      switch segment.content {
      case .literal(let text), .variable(_, let text): text
      case .secret(let reference, let encoding): Self.placeholder(reference, encoding)
      }
    }.joined()
  }

  /// Bytes of the disk. Values of known secrets become placeholders.
  package init(_ bytes: [UInt8], secrets: SecretValues) {
    guard !bytes.contains(0) else {
      characters = Self.opaquePrefix + Data(bytes).base64EncodedString()
      return
    }
    characters = secrets.longestFirst.reduce(String(exactly: bytes)) { text, secret in
      [Text.SecretEncoding.plain, .setting, .percent].reduce(text) { text, encoding in
        let form = encoding.form(of: secret.value)
        guard encoding == .plain || form != secret.value else { return text }
        return text.replacingBytes(of: form, with: Self.placeholder(secret.reference, encoding))
      }
    }
  }

  /// Whether the content is text that can be merged line by line.
  package var isMergeable: Bool { !characters.hasPrefix(Self.opaquePrefix) }

  /// What stands for bytes that are no text; nil where they are.
  package var base64: String? { isMergeable ? nil : String(characters.dropFirst(Self.opaquePrefix.count)) }

  /// The content as a secret's value; of bytes that are no text the value is their base64.
  package func referring(to reference: SecretReference) -> StoredText {
    StoredText((isMergeable ? "" : Self.opaquePrefix) + Self.placeholder(reference, .plain))
  }

  /// The bytes that the disk has.
  package func bytes(secrets: SecretValues) throws -> [UInt8] {
    if let base64 {
      let plain = try StoredText(base64).bytes(secrets: secrets)
      return Data(base64Encoded: String(decoding: plain, as: UTF8.self)).map(Array.init) ?? []
    }
    guard characters.position(of: MarkedText.start) != nil else { return Array(characters.utf8) }
    var bytes: [UInt8] = []
    for segment in MarkedText.segments(of: characters, owner: "") {
      switch segment.content {
      case .literal(let text), .variable(_, let text): bytes += text.exactBytes
      case .secret(let reference, let encoding):
        bytes += encoding.form(of: try secrets.value(of: reference)).exactBytes
      }
    }
    return bytes
  }

  /// The secrets that the text shows.
  package var secrets: [SecretReference] {
    guard characters.position(of: MarkedText.start) != nil else { return [] }
    return MarkedText.segments(of: characters, owner: "").compactMap { segment in
      if case .secret(let reference, _) = segment.content { reference } else { nil }
    }
  }

  /// The characters with each secret as `‹name›`.
  package var masked: String {
    MarkedText.segments(of: characters, owner: "").map { segment in
      switch segment.content {
      case .literal(let text), .variable(_, let text): text
      case .secret(let reference, _): "‹\(reference.name)›"
      }
    }.joined()
  }

  /// The same text, in which each value goes by one name.
  package func naming(_ secrets: SecretValues, _ names: [String: SecretReference]) -> StoredText {
    guard characters.position(of: MarkedText.start) != nil else { return self }
    return StoredText(
      MarkedText.segments(of: characters, owner: "").map { segment in
        switch segment.content {
        case .literal(let text), .variable(_, let text): text
        case .secret(let reference, let encoding):
          Self.naming(reference, encoding, secrets.values[reference], names)
        }
      }.joined())
  }

  /// One form of several that look alike: a value that needs no quotes has none.
  private static func naming(
    _ reference: SecretReference, _ encoding: Text.SecretEncoding, _ value: String?, _ names: [String: SecretReference]
  ) -> String {
    guard let value else { return placeholder(reference, encoding) }
    let reference = names[value] ?? reference
    guard encoding == .setting else { return placeholder(reference, encoding) }
    if EnvironmentSpelling.isPlain(value) { return placeholder(reference, .plain) }
    guard EnvironmentSpelling.fitsSingleQuotes(value) else { return placeholder(reference, .setting) }
    return "'\(placeholder(reference, .plain))'"
  }

  private static func placeholder(_ reference: SecretReference, _ encoding: Text.SecretEncoding) -> String {
    MarkedText.secret(reference.name, encoding, version: reference.version)
  }

  /// The same text with Unix's ends of lines.
  package var withUnixLineEnds: StoredText { StoredText(characters.replacingBytes(of: "\r\n", with: "\n")) }

  // Byte by byte: characters that Unicode calls equivalent are not the same.
  package static func == (left: StoredText, right: StoredText) -> Bool {
    left.characters.utf8.elementsEqual(right.characters.utf8)
  }

  package func hash(into hasher: inout Hasher) { for byte in characters.utf8 { hasher.combine(byte) } }
}

/// A file's content and permission bits.
package struct FileVersion: Equatable, Sendable {
  package var text: StoredText
  package var mode: UInt32

  package init(text: StoredText, mode: UInt32) {
    self.text = text
    self.mode = mode
  }
}
