internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// Converts lines of a folder to the form of the reference template's fingerprints: with placeholders in place of
/// variables' values, without trailing spaces, and with one space for several after the first other character.
struct ReferenceLines: Sendable {
  /// A text that the template wrote in place of a placeholder.
  struct Substitution: Equatable, Sendable {
    let text: String
    let placeholder: String
  }

  private let substitutions: [(text: [UInt8], placeholder: [UInt8])]
  private let numbered: [[UInt8]]

  /// For a line with up to this many places, all forms are tried; for others, those with at most as many placeholders
  /// as any line of the template has.
  private static let most = (places: 12, placeholders: 5)

  /// - Parameter numbered: Texts before numbers that do not matter.
  init(_ substitutions: [Substitution], numbered: [String]) {
    self.numbered = numbered.map { Array($0.utf8) }
    self.numberedTexts = numbered
    var known: Set<String> = []
    all = substitutions
    self.substitutions = substitutions.filter {
      !$0.text.isEmpty && known.insert($0.text + "\n" + $0.placeholder).inserted
    }
    .map { (Array($0.text.utf8), Array($0.placeholder.utf8)) }
  }

  private let all: [Substitution]
  private let numberedTexts: [String]

  /// The same, with more substitutions.
  func adding(_ more: [Substitution]) -> ReferenceLines { ReferenceLines(all + more, numbered: numberedTexts) }

  /// The lines of a text with their endings, as bytes, since a line may contain anything.
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

  /// Tries the possible forms of a line in the template, those with few placeholders first, because a variable's value
  /// may also be ordinary text.
  ///
  /// - Parameter isEnough: Receives a form, and returns whether to stop.
  func forms(of line: ArraySlice<UInt8>, _ isEnough: ([UInt8]) -> Bool) {
    guard String(validating: line, as: UTF8.self) != nil else { return }
    let bytes = Array(line)
    if tryNumbers(bytes, isEnough) { return }
    let found = occurrences(in: bytes)
    let most = found.count <= Self.most.places ? found.count : Self.most.placeholders
    for count in 1..<(most + 1) where choose(count, of: found, bytes, isEnough) { return }
  }

  // MARK: Values

  private struct Occurrence {
    let range: Range<Int>
    let placeholder: [UInt8]
  }

  /// Where values appear as whole words, in order.
  private func occurrences(in bytes: [UInt8]) -> [Occurrence] {
    var found: [Occurrence] = []
    for substitution in substitutions {
      var start = 0
      while let position = bytes.position(of: substitution.text, from: start) {
        let range = position..<(position + substitution.text.count)
        if Self.isWhole(range, in: bytes) {
          found.append(Occurrence(range: range, placeholder: substitution.placeholder))
        }
        start = position + 1
      }
    }
    return found.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }

  /// Whether a place is a whole word: no placeholder ends between two letters or digits, or at an underscore within a
  /// name.
  private static func isWhole(_ range: Range<Int>, in bytes: [UInt8]) -> Bool {
    func goesOn(_ edge: UInt8, _ neighbour: UInt8) -> Bool {
      if edge == UInt8(ascii: "_") { return neighbour.isLetterOrDigit || neighbour == edge }
      return edge.isLetterOrDigit && neighbour.isLetterOrDigit
    }
    if range.lowerBound > 0, goesOn(bytes[range.lowerBound], bytes[range.lowerBound - 1]) { return false }
    return range.upperBound >= bytes.count || !goesOn(bytes[range.upperBound - 1], bytes[range.upperBound])
  }

  /// Tries each choice of a number of occurrences that do not overlap.
  private func choose(
    _ count: Int, of found: [Occurrence], _ bytes: [UInt8], _ isEnough: ([UInt8]) -> Bool
  ) -> Bool {
    var chosen: [Occurrence] = []
    func goOn(from index: Int) -> Bool {
      if chosen.count == count { return tryNumbers(filled(bytes, chosen), isEnough) }
      for next in found.indices.dropFirst(index)
      where found[next].range.lowerBound >= chosen.last?.range.upperBound ?? 0 {
        chosen.append(found[next])
        if goOn(from: next + 1) { return true }
        chosen.removeLast()
      }
      return false
    }
    return goOn(from: 0)
  }

  private func filled(_ bytes: [UInt8], _ chosen: [Occurrence]) -> [UInt8] {
    if chosen.isEmpty { return bytes }
    var result: [UInt8] = []
    var position = 0
    for occurrence in chosen {
      result += bytes[position..<occurrence.range.lowerBound]
      result += occurrence.placeholder
      position = occurrence.range.upperBound
    }
    return result + bytes[position...]
  }

  // MARK: Form

  /// A number may belong to a worker, or be the template's.
  private func tryNumbers(_ line: [UInt8], _ isEnough: ([UInt8]) -> Bool) -> Bool {
    let line = Self.trimmed(line)
    let plain = numbered.reduce(line) { Self.replacingNumbers(after: $1, in: $0) }
    if isEnough(Self.collapsed(plain)) { return true }
    return plain != line && isEnough(Self.collapsed(line))
  }

  private static func trimmed(_ line: [UInt8]) -> [UInt8] {
    var line = line
    while let last = line.last, last == 0x20 || (0x09...0x0D).contains(last) { line.removeLast() }
    // White space beyond ASCII is rare, and detected by scalars.
    guard let last = line.last, last >= 0x80, let text = String(validating: line, as: UTF8.self) else { return line }
    var scalars = text.unicodeScalars[...]
    while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
    return Array(String(scalars).utf8)
  }

  private static func replacingNumbers(after word: [UInt8], in line: [UInt8]) -> [UInt8] {
    guard var found = line.position(of: word, from: 0) else { return line }
    var result: [UInt8] = []
    var position = 0
    while true {
      let start = found + word.count
      result += line[position..<start]
      position = start
      while position < line.count, (0x30...0x39).contains(line[position]) { position += 1 }
      if position > start { result += "{n}".utf8 }
      guard let next = line.position(of: word, from: position) else { break }
      found = next
    }
    return result + line[position...]
  }

  private static func collapsed(_ line: [UInt8]) -> [UInt8] {
    guard let start = line.firstIndex(where: { $0 != 0x20 && $0 != 0x09 }) else { return line }
    guard line.position(of: [0x20, 0x20], from: start) != nil || line.position(of: [0x09], from: start) != nil else {
      return line
    }
    var result = Array(line[..<start])
    var isBlank = false
    for byte in line[start...] {
      let isNextBlank = byte == 0x20 || byte == 0x09
      if !isNextBlank { result.append(byte) } else if !isBlank { result.append(0x20) }
      isBlank = isNextBlank
    }
    return result
  }
}

extension [UInt8] {
  fileprivate func position(of wanted: [UInt8], from start: Int) -> Int? {
    withUnsafeBufferPointer { $0.position(of: wanted, from: start, to: $0.count) }
  }
}
