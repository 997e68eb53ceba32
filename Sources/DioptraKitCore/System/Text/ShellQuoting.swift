/// Quotes characters as one word of a POSIX shell: the surrounding quotes, and the characters between them.
package enum ShellQuoting {
  case plain
  case double
  case single

  package init(of text: String) {
    if !text.isEmpty, text.allSatisfy({ $0.isASCIIAlphanumeric || "_-./:=@%+,".contains($0) }) {
      self = .plain
    } else if text.utf8.contains(UInt8(ascii: "'")), !text.utf8.contains(where: { "\"$`\\!".utf8.contains($0) }) {
      self = .double
    } else {
      self = .single
    }
  }

  package var quote: String {
    switch self {
    case .plain: ""
    case .double: "\""
    case .single: "'"
    }
  }

  /// Part of the characters, as written between the quotes.
  package func inside(_ part: String) -> String {
    self == .single ? part.unicodeScalars.reduce(into: "") { $0 += $1 == "'" ? "'\\''" : String($1) } : part
  }
}

extension String {
  /// The string as one word of a POSIX shell.
  package var shellQuoted: String {
    let quoting = ShellQuoting(of: self)
    return quoting.quote + quoting.inside(self) + quoting.quote
  }
}

extension String {
  /// The word in its shortest form.
  package var shellWord: String {
    let plain = unicodeScalars.allSatisfy { scalar in
      scalar.isASCII
        ? scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-_./:=,@%+".unicodeScalars.contains(scalar)
        : !scalar.properties.isWhitespace && scalar.isHarmless
    }
    if plain, !isEmpty { return self }
    guard isExactText else { return DiskPath(bytes: exactBytes).shellWord }
    guard unicodeScalars.contains(where: { !$0.isHarmless }) else { return shellQuoted }
    // Bash's form in which control characters are visible.
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
