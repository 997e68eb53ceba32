internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// A deployment's secrets, for finding where a file and State disagree.
struct DriftSecrets {
  let all: SecretValues
  /// Named secrets, without users' texts that are stored like secrets.
  let named: [SecretReference: String]
  let newest: [SecretName: Int]

  init(_ all: SecretValues) {
    self.all = all
    named = all.values.filter { !$0.key.name.rawValue.hasPrefix(SecretName.keptTextPrefix) }
    newest = named.keys.reduce(into: [:]) { newest, reference in
      newest[reference.name] = max(newest[reference.name] ?? 0, reference.version)
    }
  }

  /// The secrets that a text shows in an old version.
  func outdated(in text: StoredText) -> [SecretName] {
    let shown = text.secrets.filter { $0.version < newest[$0.name] ?? 0 }
    return Set(shown.map(\.name)).sorted()
  }

  /// The secrets whose values changed in a file.
  ///
  /// - Parameter rendered: Shows which line contains which secret.
  func changed(
    at path: String, shownIn rendered: StoredText, from old: [UInt8], to new: [UInt8]
  ) throws -> [SecretName] {
    var names: Set<SecretName> = []
    let (before, after) = (SettingValues(old, path: path), SettingValues(new, path: path))
    for line in rendered.characters.linesWithEnds.map({ StoredText($0) }) where line.hasPlaceholders {
      let pieces = Pieces(line)
      guard let key = pieces.key else {
        for needle in try needles(pieces.all) where !new.contains(needle.bytes) { names.insert(needle.name) }
        continue
      }
      let (was, isNow) = (before.value(of: key), after.value(of: key))
      guard was != isNow else { continue }
      for needle in try needles(pieces.value) where isNow.map({ !$0.contains(needle) }) ?? true {
        names.insert(needle.name)
      }
    }
    return names.sorted()
  }

  /// A secret's value with the surrounding characters that a line must have.
  struct Needle {
    let name: SecretName
    var bytes: [UInt8]
    /// Whether the line's value begins or ends with it.
    let isFirst: Bool
    let isLast: Bool
  }

  private func needles(_ segments: [Text.Segment]) throws -> [Needle] {
    try segments.indices.compactMap { index in
      guard let (reference, encoding) = segments[index].secret else { return nil }
      let value = try all.value(of: reference)
      func literal(_ position: Int) -> [UInt8] {
        guard segments.indices.contains(position), case .literal(let text) = segments[position].content else {
          return []
        }
        return Array(text.utf8)
      }
      let bytes =
        // Settings are compared by meaning.
        literal(index - 1).suffix(1) + (encoding == .setting ? value : encoding.form(of: value)).utf8
        + literal(index + 1).prefix(1)
      return Needle(
        name: reference.name, bytes: Array(bytes), isFirst: index == segments.startIndex,
        isLast: index == segments.endIndex - 1)
    }
  }

  /// A parsed line of a rendered file.
  private struct Pieces {
    let all: [Text.Segment]
    /// What precedes the first equals sign; nil if there is none, or a secret before it.
    let key: String?
    /// What follows it.
    let value: [Text.Segment]

    init(_ line: StoredText) {
      let characters = line.characters
      all = StoredText(characters.last?.isNewline == true ? String(characters.dropLast()) : characters).text.segments
      guard case .literal(let text)? = all.first?.content, let equals = text.firstIndex(of: "=") else {
        key = nil
        value = []
        return
      }
      key = String(text[..<equals])
      let rest = String(text[text.index(after: equals)...])
      value = (rest.isEmpty ? [] : [Text.Segment(.literal(rest))]) + all.dropFirst()
    }
  }
}

extension [UInt8] {
  fileprivate func contains(_ wanted: [UInt8]) -> Bool {
    withUnsafeBufferPointer { $0.position(of: wanted, from: 0, to: $0.count) } != nil
  }

  /// Whether a line's value shows a secret as rendered.
  fileprivate func contains(_ needle: DriftSecrets.Needle) -> Bool {
    switch (needle.isFirst, needle.isLast) {
    case (true, true): self == needle.bytes
    case (true, false): starts(with: needle.bytes)
    case (false, true): suffix(needle.bytes.count).elementsEqual(needle.bytes)
    case (false, false): contains(needle.bytes)
    }
  }
}
