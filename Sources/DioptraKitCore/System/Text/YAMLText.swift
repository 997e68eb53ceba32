/// YAML of any origin, read as a tree in which every value is text.
package enum YAMLText {
  package struct Fault: Error, Equatable {
    /// What is wrong, such as "found character that cannot start any token".
    package let problem: String
    /// nil where it is not known.
    package let place: TextPlace?

    /// The place in a file of that name: `dioptra.yaml:12:7`.
    package func place(in name: String) -> String { place.map { "\(name):\($0)" } ?? name }
  }

  /// The tree of the only document; nil for a text without one.
  ///
  /// Constructs that could make the reader run for ever are refused: keys that are not plain scalars, and, where they
  /// are not needed, aliases, a few lines of which can expand to more than any memory holds.
  package static func tree(of text: String, allowsAliases: Bool) throws(Fault) -> YAMLValue? {
    // libyaml treats a byte order mark as a character of the first line.
    let reader = try YAMLReader(
      text.withoutByteOrderMark, .init(allowsAliases: allowsAliases, allowsOtherKeysThanScalars: false))
    guard let document = try reader.document() else { return nil }
    if try reader.document() != nil { throw Fault(problem: "but found another document", place: reader.lastStart) }
    return document
  }

  /// The documents of a text.
  package static func documents(in text: String) throws(Fault) -> [YAMLValue] {
    let reader = try YAMLReader(text)
    var documents: [YAMLValue] = []
    while let document = try reader.document() { documents.append(document) }
    return documents
  }

  /// Whether a text is one YAML document.
  package static func isValid(_ text: String) -> Bool {
    do {
      _ = try tree(of: text, allowsAliases: true)
      return true
    } catch {
      return false
    }
  }
}

extension String {
  /// U+FEFF, which editors on Windows put before the first character of a file.
  package static let byteOrderMark = "\u{FEFF}"

  package var hasByteOrderMark: Bool { utf8.starts(with: Self.byteOrderMark.utf8) }

  /// The text without the byte order mark.
  package var withoutByteOrderMark: String {
    hasByteOrderMark ? String(Substring(utf8.dropFirst(Self.byteOrderMark.utf8.count))) : self
  }
}
