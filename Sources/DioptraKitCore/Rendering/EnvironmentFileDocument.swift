package import DioptraModel
internal import DioptraSystem

/// A file of `NAME=value` lines.
struct EnvironmentFileDocument {
  let file: EnvironmentFile

  /// - Parameter resolved: Fills in what a text leaves open.
  func text(_ resolved: (Text) throws -> Text) throws -> Text {
    try file.entries.reduce(into: Text("")) { text, entry in
      let value = try resolved(entry.value)
      text += "\(entry.name)=\(entry.isQuoted ? "\"\(value)\"" : value.spelled)\n"
    }
  }
}

extension Text {
  /// The text as a value that is read back exactly, whatever the secrets are.
  package var spelled: Text {
    if segments.count == 1, case .secret(let name, .plain, let version) = segments[0].content {
      return Text(segments: [.secret(name, .setting, version: version)])
    }
    let characters = visible
    if EnvironmentSpelling.isPlain(characters) { return self }
    if EnvironmentSpelling.fitsSingleQuotes(characters) { return "'\(self)'" }
    return "\"\(mapCharacters(EnvironmentSpelling.escaped))\""
  }
}
