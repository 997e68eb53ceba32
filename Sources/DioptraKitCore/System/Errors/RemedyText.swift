extension Remedy {
  /// The sentence, with commands as a shell takes them; no full stop.
  public var text: String {
    parts.map { part in
      switch part {
      case .words(let words): words.visible()
      case .command(let words): "`\(Self.line(words))`"
      case .file(let path): path.shownPath
      case .setting(let name, let value): (value.map { "\(name)=\($0.shellWord)" } ?? name).visible()
      case .program(let name): name.visible()
      }
    }.joined()
  }

  /// What to type in a shell; the sentence where there is no command.
  public var commandLine: String {
    commands.isEmpty ? text : commands.map(Self.line).joined(separator: " && ")
  }

  private static func line(_ words: [String]) -> String {
    // An ellipsis is for the user to fill in.
    words.map { $0.contains("…") && $0.shellWord == $0 ? $0 : $0.shellPath }.joined(separator: " ")
  }
}

extension Remedy {
  /// Several remedies in one sentence, each of them a way out.
  package init(joining remedies: [Remedy]) {
    let parts = remedies.enumerated().flatMap { index, remedy -> [Part] in
      guard index > 0 else { return remedy.parts }
      guard case .words(let words)? = remedy.parts.first else { return [.words("; or ")] + remedy.parts }
      return [.words("; or \(words.prefix(1).lowercased() + words.dropFirst())")] + remedy.parts.dropFirst()
    }
    self.init(parts)
  }
}

extension Remedy: Encodable {
  private enum CodingKeys: CodingKey {
    case kind, text, commands, files, settings, programs
  }

  private struct Setting: Encodable {
    let name: String
    let value: String?
  }

  /// `kind` and `text`, and what is there of `commands`, `files`, `settings` and `programs`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kind, forKey: .kind)
    try container.encode(text, forKey: .text)
    func encode(_ values: [some Encodable], _ key: CodingKeys) throws {
      if !values.isEmpty { try container.encode(values, forKey: key) }
    }
    try encode(commands, .commands)
    try encode(parts.compactMap { if case .file(let path) = $0 { path.shownPath } else { nil } }, .files)
    try encode(
      parts.compactMap {
        if case .setting(let name, let value) = $0 { Setting(name: name, value: value) } else { nil }
      },
      .settings)
    try encode(parts.compactMap { if case .program(let name) = $0 { name } else { nil } }, .programs)
  }
}
