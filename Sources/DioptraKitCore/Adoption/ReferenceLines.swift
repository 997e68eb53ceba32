/// Brings lines of a folder to the form in which the reference template's figures know them: with the template's
/// placeholders for the values of its variables, without blanks at the end, and with one blank for several after the
/// first other character.
struct ReferenceLines: Sendable {
  /// A text that the template wrote in place of a placeholder.
  struct Filling: Equatable, Sendable {
    let text: String
    let placeholder: String
  }

  private let fillings: [(text: [UInt8], placeholder: [UInt8])]
  private let numbered: [String]

  /// No line of the template has more placeholders than this: forms with more of them need not be tried.
  static let mostPlaceholders = 5

  /// - Parameter numbered: Texts after which a number stands for any.
  init(_ fillings: [Filling], numbered: [String]) {
    self.numbered = numbered
    var known: Set<String> = []
    all = fillings
    self.fillings = fillings.filter { !$0.text.isEmpty && known.insert($0.text + "\n" + $0.placeholder).inserted }
      .map { (Array($0.text.utf8), Array($0.placeholder.utf8)) }
  }

  private let all: [Filling]

  /// The same, with more fillings.
  func adding(_ more: [Filling]) -> ReferenceLines { ReferenceLines(all + more, numbered: numbered) }

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

  /// Tries the forms that a line may have in the template, those with few placeholders first: a text that some variable
  /// has as its value may as well be ordinary.
  ///
  /// - Parameter isEnough: Takes a form, and says whether no other need be tried.
  func forms(of line: ArraySlice<UInt8>, _ isEnough: (String) -> Bool) {
    guard String(validating: line, as: UTF8.self) != nil else { return }
    let bytes = Array(line)
    let found = occurrences(in: bytes)
    for count in 0...Swift.min(found.count, Self.mostPlaceholders) {
      if choose(count, of: found, bytes, isEnough) { return }
    }
  }

  // MARK: Values

  private struct Occurrence {
    let range: Range<Int>
    let placeholder: [UInt8]
  }

  /// Where values stand as whole words, in the order of their places.
  private func occurrences(in bytes: [UInt8]) -> [Occurrence] {
    var found: [Occurrence] = []
    for filling in fillings where filling.text.count <= bytes.count {
      for start in 0...(bytes.count - filling.text.count) where bytes[start] == filling.text[0] {
        let range = start..<(start + filling.text.count)
        if bytes[range].elementsEqual(filling.text), Self.isWhole(range, in: bytes) {
          found.append(Occurrence(range: range, placeholder: filling.placeholder))
        }
      }
    }
    return found.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }

  /// Whether what stands at a place does not go on in a word before or behind it: between two letters or digits, or at
  /// an underscore that is part of a name, no placeholder ends.
  private static func isWhole(_ range: Range<Int>, in bytes: [UInt8]) -> Bool {
    func goesOn(_ edge: UInt8, _ neighbour: UInt8) -> Bool {
      if edge == UInt8(ascii: "_") { return neighbour.isLetterOrDigit || neighbour == edge }
      return edge.isLetterOrDigit && neighbour.isLetterOrDigit
    }
    if range.lowerBound > 0, goesOn(bytes[range.lowerBound], bytes[range.lowerBound - 1]) { return false }
    return range.upperBound >= bytes.count || !goesOn(bytes[range.upperBound - 1], bytes[range.upperBound])
  }

  /// Tries each choice of so many occurrences of which no two overlap.
  private func choose(
    _ count: Int, of found: [Occurrence], _ bytes: [UInt8], _ isEnough: (String) -> Bool
  ) -> Bool {
    var chosen: [Occurrence] = []
    func goOn(from index: Int) -> Bool {
      if chosen.count == count { return tryNumbers(filled(bytes, chosen), isEnough) }
      for next in found.indices.dropFirst(index) where found[next].range.lowerBound >= chosen.last?.range.upperBound ?? 0 {
        chosen.append(found[next])
        if goOn(from: next + 1) { return true }
        chosen.removeLast()
      }
      return false
    }
    return goOn(from: 0)
  }

  private func filled(_ bytes: [UInt8], _ chosen: [Occurrence]) -> String {
    var result: [UInt8] = []
    var position = 0
    for occurrence in chosen {
      result += bytes[position..<occurrence.range.lowerBound]
      result += occurrence.placeholder
      position = occurrence.range.upperBound
    }
    return String(decoding: result + bytes[position...], as: UTF8.self)
  }

  // MARK: Form

  /// A number may be that of a worker, or one that the template wrote.
  private func tryNumbers(_ line: String, _ isEnough: (String) -> Bool) -> Bool {
    let line = Self.trimmed(line)
    let plain = withoutNumbers(line)
    if isEnough(Self.collapsed(plain)) { return true }
    return plain != line && isEnough(Self.collapsed(line))
  }

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
