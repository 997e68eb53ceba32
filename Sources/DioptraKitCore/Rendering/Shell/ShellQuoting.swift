extension String {
  /// The string as one word of a POSIX shell.
  package var shellQuoted: String {
    if !isEmpty, allSatisfy({ $0.isASCIIAlphanumeric || "_-./:=@%+,".contains($0) }) { return self }
    if utf8.contains(UInt8(ascii: "'")), !utf8.contains(where: { "\"$`\\!".utf8.contains($0) }) { return "\"\(self)\"" }
    return "'" + unicodeScalars.reduce(into: "") { $0 += $1 == "'" ? "'\\''" : String($1) } + "'"
  }
}
