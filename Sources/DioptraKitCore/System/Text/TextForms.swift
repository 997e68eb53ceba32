extension String {
  /// The string in quotation marks, with control characters visible, at most 60 characters long.
  package var quoted: String {
    let start = String(unicodeScalars.prefix(60)).visible(onOneLine: true)
    return "'\(start)\(unicodeScalars.count > 60 ? "…" : "")'"
  }

  /// Whether the string is not empty and all its characters satisfy the predicate.
  package func consists(of allowed: (Character) -> Bool) -> Bool {
    !isEmpty && allSatisfy(allowed)
  }
}

extension Character {
  // A letter with a combining accent sorts between the letters, and is one character: hence `isASCII`.
  package var isASCIIDigit: Bool { isASCII && "0"..."9" ~= self }
  package var isASCIILetter: Bool { isASCII && ("a"..."z" ~= self || "A"..."Z" ~= self) }
  package var isASCIILowercase: Bool { isASCII && "a"..."z" ~= self }
  package var isASCIIAlphanumeric: Bool { isASCIILetter || isASCIIDigit }
}

extension StringProtocol {
  /// Without the given characters at either end.
  package func trimming(_ characters: String) -> SubSequence {
    let start = drop { characters.contains($0) }
    var end = start
    while let last = end.last, characters.contains(last) { end = end.dropLast() }
    return end
  }

  /// The position of the first occurrence of a text.
  package func range(of text: String) -> Range<Index>? { firstRange(of: text) }
}

extension String {
  /// The lines with their line endings; the last one may have none.
  package var linesWithEnds: [String] {
    var lines: [String] = []
    var text = self
    text.withUTF8 { bytes in
      var start = 0
      for index in 0..<bytes.count where bytes[index] == UInt8(ascii: "\n") {
        lines.append(String(decoding: bytes[start...index], as: UTF8.self))
        start = index + 1
      }
      if start < bytes.count { lines.append(String(decoding: bytes[start...], as: UTF8.self)) }
    }
    return lines
  }

  /// The last line that is not empty.
  package var lastLine: String {
    split(whereSeparator: \.isNewline).last.map { $0.trimmingPrefix { $0 == " " } }.map(String.init) ?? "no word of why"
  }

  /// Without the trailing characters that satisfy a condition.
  package func trimmingSuffix(while condition: (Character) -> Bool) -> String {
    String(reversed().drop(while: condition).reversed())
  }

  /// The visible characters: without escape sequences and control characters, tabs as spaces.
  package var withoutTerminalCodes: String {
    guard utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return self }
    var result = ""
    var isInSequence = false
    for scalar in unicodeScalars {
      if isInSequence {
        isInSequence = !("@"..."~").contains(scalar) || scalar == "["
      } else if scalar == "\u{1B}" {
        isInSequence = true
      } else if scalar == "\t" {
        result += " "
      } else if scalar.value >= 0x20, scalar.value != 0x7F {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
