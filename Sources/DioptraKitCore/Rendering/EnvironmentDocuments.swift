internal import DioptraModel
internal import DioptraSystem

/// A file of `NAME=value` lines.
struct EnvironmentFileDocument {
  let file: EnvironmentFile

  func text(_ marked: (Text) throws -> String) throws -> String {
    try file.entries.map { entry in
      let value = try entry.isQuoted ? "\"\(marked(entry.value))\"" : entry.value.spelled(marked)
      return "\(entry.name)=\(value)\n"
    }.joined()
  }
}

/// The deployment's `.env`.
struct SettingsDocument {
  let settings: [Owned<Setting>]

  func text(_ marked: (Text) throws -> String) throws -> String {
    try settings.map { setting in
      "\(MarkedText.owner(setting.owner))\(setting.name)=\(try setting.value.value.spelled(marked))\n"
    }.joined()
  }
}

extension Text {
  /// The text as a value that Compose reads back exactly, whatever the secrets are.
  fileprivate func spelled(_ marked: (Text) throws -> String) throws -> String {
    if segments.count == 1, case .secret(let name, .plain) = segments[0] {
      return try marked(Text(segments: [.secret(name, .setting)]))
    }
    let withoutSecrets = segments.map { if case .secret = $0 { .literal("s") } else { $0 } as Segment }
    let characters = MarkedText.visible(try marked(Text(segments: withoutSecrets)))
    if EnvironmentSpelling.isPlain(characters) { return try marked(self) }
    if EnvironmentSpelling.fitsSingleQuotes(characters) { return "'\(try marked(self))'" }
    let escaped = segments.map { segment -> Segment in
      switch segment {
      case .literal(let text): .literal(EnvironmentSpelling.escaped(text))
      case .variable(let name, let value): .variable(name, value: EnvironmentSpelling.escaped(value))
      case .secret, .endpoint: segment
      }
    }
    return "\"\(try marked(Text(segments: escaped)))\""
  }
}
