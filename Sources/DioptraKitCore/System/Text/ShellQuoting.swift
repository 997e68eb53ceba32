extension String {
  /// The string as one word of a POSIX shell.
  package var shellQuoted: String {
    if !isEmpty, allSatisfy({ $0.isASCIIAlphanumeric || "_-./:=@%+,".contains($0) }) { return self }
    if utf8.contains(UInt8(ascii: "'")), !utf8.contains(where: { "\"$`\\!".utf8.contains($0) }) { return "\"\(self)\"" }
    return "'" + unicodeScalars.reduce(into: "") { $0 += $1 == "'" ? "'\\''" : String($1) } + "'"
  }
}

extension String {
  /// The word as a shell takes it.
  package var shellWord: String {
    let plain = unicodeScalars.allSatisfy { scalar in
      scalar.isASCII
        ? scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-_./:=,@%+".unicodeScalars.contains(scalar)
        : !scalar.properties.isWhitespace && scalar.isHarmless
    }
    if plain, !isEmpty { return self }
    guard isExactText else { return DiskPath(bytes: exactBytes).shellWord }
    guard unicodeScalars.contains(where: { !$0.isHarmless }) else { return shellQuoted }
    // The form of bash in which control characters are seen.
    let escaped = unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar {
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case "\\", "'": text += "\\" + String(Character(scalar))
      case let scalar where scalar.properties.generalCategory == .control:
        let digits = String(scalar.value, radix: 16)
        text += scalar.isASCII ? "\\x" + (digits.count == 1 ? "0" : "") + digits : "\\u00" + digits
      case let scalar where !scalar.isHarmless:
        let digits = String(scalar.value, radix: 16)
        text +=
          digits.count > 4
          ? "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
          : "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return "$'" + escaped + "'"
  }
}
