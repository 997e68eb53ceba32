/// Brings lines of a folder to the form in which the reference template's figures know them: without blanks at the end,
/// with one blank for several after the first other character, and with the template's placeholders for the values of
/// its variables.
struct ReferenceLines: Sendable {
  /// A text that the template wrote in place of a placeholder.
  struct Filling: Equatable, Sendable {
    let text: String
    let placeholder: String
  }

  /// Longer texts first.
  private let fillings: [Filling]
  private let numbered: [String]

  /// - Parameter numbered: Texts after which a number stands for any.
  init(_ fillings: [Filling], numbered: [String]) {
    self.numbered = numbered
    var known: Set<String> = []
    self.fillings = fillings.filter { !$0.text.isEmpty && known.insert($0.text + "\n" + $0.placeholder).inserted }
      .sorted { $0.text.utf8.count > $1.text.utf8.count }
  }

  /// The same, with more fillings.
  func adding(_ more: [Filling]) -> ReferenceLines { ReferenceLines(fillings + more, numbered: numbered) }

  /// The lines of a text with their ends; bytes, since a line may hold anything.
  static func lines(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    for index in bytes.indices where bytes[index] == UInt8(ascii: "\n") {
      lines.append(bytes[start...index])
      start = index + 1
    }
    if start < bytes.count { lines.append(bytes[start...]) }
    return lines
  }

  /// The forms that a line may have in the template: a text that some variable has as its value may as well be ordinary.
  func forms(of line: ArraySlice<UInt8>) -> [String] {
    guard let text = String(validating: line, as: UTF8.self) else { return [] }
    let plain = withoutNumbers(Self.trimmed(text))
    return variants(of: plain).map(Self.collapsed)
  }

  // MARK: Values

  private struct Occurrence {
    let range: Range<Int>
    let placeholder: String
  }

  /// At most so many occurrences are tried in every combination, and at most so many one by one.
  private static let most = (together: 8, each: 24)

  private func variants(of line: String) -> [String] {
    let bytes = Array(line.utf8)
    let found = occurrences(in: bytes)
    guard found.count <= Self.most.together else {
      let all = Array(found.indices)
      let each = found.count <= Self.most.each ? all : []
      let some = [all, []] + each.map { [$0] } + each.map { one in all.filter { $0 != one } }
      return some.map { filled(bytes, $0.map { found[$0] }) }
    }
    return (0..<(1 << found.count)).map { choice in
      filled(bytes, found.indices.filter { choice & 1 << $0 != 0 }.map { found[$0] })
    }
  }

  private func occurrences(in bytes: [UInt8]) -> [Occurrence] {
    var found: [Occurrence] = []
    for filling in fillings {
      let wanted = Array(filling.text.utf8)
      var start = 0
      while start + wanted.count <= bytes.count {
        if bytes[start..<(start + wanted.count)].elementsEqual(wanted) {
          found.append(Occurrence(range: start..<(start + wanted.count), placeholder: filling.placeholder))
          start += wanted.count
        } else {
          start += 1
        }
      }
    }
    return found
  }

  /// The line with placeholders at some places; of two that overlap the longer one counts.
  private func filled(_ bytes: [UInt8], _ chosen: [Occurrence]) -> String {
    var taken: [Occurrence] = []
    var covered: Set<Int> = []
    for occurrence in chosen where covered.isDisjoint(with: occurrence.range) {
      covered.formUnion(occurrence.range)
      taken.append(occurrence)
    }
    var result: [UInt8] = []
    var position = 0
    for occurrence in taken.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      result += bytes[position..<occurrence.range.lowerBound]
      result += occurrence.placeholder.utf8
      position = occurrence.range.upperBound
    }
    return String(decoding: result + bytes[position...], as: UTF8.self)
  }

  // MARK: Form

  private static func trimmed(_ line: String) -> String {
    var scalars = line.unicodeScalars[...]
    while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
    return String(scalars)
  }

  private func withoutNumbers(_ line: String) -> String {
    numbered.reduce(line) { $0.contains($1) ? Self.replacingNumbers(after: $1, in: $0) : $0 }
  }

  private static func replacingNumbers(after word: String, in line: String) -> String {
    var result = ""
    var rest = line[...]
    while let found = rest.firstRange(of: word) {
      result += rest[..<found.upperBound]
      rest = rest[found.upperBound...]
      let digits = rest.prefix { $0.isASCIIDigit }
      if !digits.isEmpty { result += "{n}" }
      rest = rest.dropFirst(digits.count)
    }
    return result + rest
  }

  private static func collapsed(_ line: String) -> String {
    let margin = line.prefix { $0 == " " || $0 == "\t" }
    var result = String(margin)
    var isBlank = false
    for character in line.dropFirst(margin.count) {
      let isNextBlank = character == " " || character == "\t"
      if !isNextBlank { result.append(character) } else if !isBlank { result.append(" ") }
      isBlank = isNextBlank
    }
    return result
  }
}
