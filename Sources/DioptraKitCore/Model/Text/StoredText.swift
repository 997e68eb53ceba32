internal import DioptraSystem
internal import FoundationEssentials

/// A file's content as State stores it: its characters, with a placeholder for each secret.
package struct StoredText: Hashable, Sendable {
  /// `Placeholder` says how secrets stand here, and what stands for bytes in another encoding than UTF-8. Bytes with a
  /// zero among them are no text, and kept as base64.
  package let characters: String

  private static let opaquePrefix = Placeholder.note("base64")

  /// Stands for the rendered version of a file that no component contributes.
  package static let nothing = StoredText(Placeholder.note("nothing"))

  /// - Parameter characters: What `characters` of a stored text were, or such as hold no delimiter.
  package init(_ characters: String) {
    self.characters = characters
  }

  /// The content of a rendered file.
  package init(_ file: RenderedFile) {
    self.init(file.text)
  }

  /// The characters and secrets of a text, without their origin.
  package init(_ text: Text) {
    characters = Placeholder.characters(of: text)
  }

  /// The content as a text that consists of literals and secrets.
  package var text: Text { Placeholder.text(of: characters) }

  /// Bytes from disk. Values of known secrets become placeholders.
  package init(_ bytes: [UInt8], secrets: SecretValues) {
    guard !bytes.contains(0) else {
      characters = Self.opaquePrefix + Data(bytes).base64EncodedString()
      return
    }
    characters = secrets.longestFirst.reduce(String(exactly: bytes)) { text, secret in
      [Text.SecretEncoding.plain, .setting, .percent].reduce(text) { text, encoding in
        let form = encoding.form(of: secret.value)
        guard encoding == .plain || form != secret.value else { return text }
        return text.replacingBytes(of: form, with: Placeholder.secret(secret.reference, encoding))
      }
    }
  }

  /// Whether the content is text that can be merged line by line.
  package var isMergeable: Bool { !characters.hasPrefix(Self.opaquePrefix) }

  /// What stands for bytes that are no text; nil where they are.
  package var base64: String? { isMergeable ? nil : String(characters.dropFirst(Self.opaquePrefix.count)) }

  /// The content as a secret's value; binary content as base64.
  package func referring(to reference: SecretReference) -> StoredText {
    StoredText((isMergeable ? "" : Self.opaquePrefix) + Placeholder.secret(reference, .plain))
  }

  /// The bytes for the disk.
  package func bytes(secrets: SecretValues) throws -> [UInt8] {
    if let base64 {
      let plain = try StoredText(base64).bytes(secrets: secrets)
      return Data(base64Encoded: String(decoding: plain, as: UTF8.self)).map(Array.init) ?? []
    }
    guard hasPlaceholders else { return Array(characters.utf8) }
    var bytes: [UInt8] = []
    for segment in text.segments {
      if let characters = segment.characters {
        bytes += characters.exactBytes
      } else if let (reference, encoding) = segment.secret {
        bytes += encoding.form(of: try secrets.value(of: reference)).exactBytes
      }
    }
    return bytes
  }

  /// Whether something in the content is not what it seems: a secret, or bytes in another encoding.
  package var hasPlaceholders: Bool { Placeholder.isIn(characters) }

  /// The secrets in the text.
  package var secrets: [SecretReference] { hasPlaceholders ? text.secrets : [] }

  /// The characters with each secret as `‹name›`.
  package var masked: String { hasPlaceholders ? text.masked : characters }

  /// The same text with each secret replaced.
  package func replacingSecrets(_ replacement: (SecretReference, Text.SecretEncoding) -> Text) -> StoredText {
    guard hasPlaceholders else { return self }
    return StoredText(
      text.segments.reduce(into: Text("")) { result, segment in
        if let (reference, encoding) = segment.secret {
          result += replacement(reference, encoding)
        } else {
          result.append(segment)
        }
      })
  }

  /// The same text, using one name for each value.
  package func naming(_ secrets: SecretValues, _ names: [String: SecretReference]) -> StoredText {
    replacingSecrets { Self.naming($0, $1, secrets.values[$0], names) }
  }

  /// A canonical form for equal values: quotes that are not needed are removed.
  private static func naming(
    _ reference: SecretReference, _ encoding: Text.SecretEncoding, _ value: String?, _ names: [String: SecretReference]
  ) -> Text {
    guard let value else { return Text(reference, encoding) }
    let reference = names[value] ?? reference
    guard encoding == .setting else { return Text(reference, encoding) }
    if EnvironmentSpelling.isPlain(value) { return Text(reference, .plain) }
    guard EnvironmentSpelling.fitsSingleQuotes(value) else { return Text(reference, .setting) }
    return "'\(Text(reference, .plain))'"
  }

  /// The same text with Unix line endings.
  package var withUnixLineEnds: StoredText { StoredText(characters.replacingBytes(of: "\r\n", with: "\n")) }

  // Byte by byte: characters that Unicode considers equivalent are different.
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
