extension String {
  /// The string as one word of a POSIX shell.
  package var shellQuoted: String {
    if !isEmpty, allSatisfy({ $0.isASCIIAlphanumeric || "_-./:=@%+,".contains($0) }) { return self }
    if contains("'"), !contains(where: { "\"$`\\!".contains($0) }) { return "\"\(self)\"" }
    return "'" + replacing("'", with: "'\\''") + "'"
  }
}
