/// A file of `NAME=value` lines.
struct EnvironmentFileDocument {
  let file: EnvironmentFile

  func text(_ marked: (Text) throws -> String) throws -> String {
    try file.entries.map { entry in
      let value = try marked(entry.value)
      return entry.isQuoted ? "\(entry.name)=\"\(value)\"\n" : "\(entry.name)=\(value)\n"
    }.joined()
  }
}

/// The deployment's `.env`.
struct SettingsDocument {
  let settings: [Owned<Setting>]

  func text(_ marked: (Text) throws -> String) throws -> String {
    try settings.map { setting in
      "\(MarkedText.owner(setting.owner))\(setting.name)=\(try marked(setting.value.value))\n"
    }.joined()
  }
}
