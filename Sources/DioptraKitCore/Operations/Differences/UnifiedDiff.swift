internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// The difference of two texts in unified format.
package struct UnifiedDiff: Equatable, Sendable {
  /// The hunks with header lines; empty if the texts are equal.
  package let text: String
  package let added: Int
  package let removed: Int

  /// The number of context lines.
  private static let context = 3

  /// - Parameters:
  /// - old: nil for a missing file.
  /// - path: The file's name in the header lines.
  package init(from old: String?, to new: String?, path: String) {
    let before = Self.lines(of: old ?? "")
    let after = Self.lines(of: new ?? "")
    let changes = LineDifference(from: before, to: after).changes
    added = changes.reduce(0) { $0 + $1.new.count }
    removed = changes.reduce(0) { $0 + $1.old.count }
    guard !changes.isEmpty else {
      text = ""
      return
    }
    var text = "--- \(old == nil ? "/dev/null" : "a/\(path.onOneLine)")\n"
    text += "+++ \(new == nil ? "/dev/null" : "b/\(path.onOneLine)")\n"
    for hunk in Self.hunks(changes) { Self.write(hunk, before, after, to: &text) }
    self.text = text
  }

  /// Lines with their endings, so that a last line without one is different. Only a line feed ends a line.
  ///
  /// Compared byte by byte: characters that Unicode considers equivalent are different bytes.
  private static func lines(of text: String) -> [ArraySlice<UInt8>] {
    let bytes = Array(text.utf8)
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
      lines.append(bytes[start..<end])
      start = end
    }
    return lines
  }

  /// Changes with overlapping context share a hunk.
  private static func hunks(_ changes: [LineDifference.Hunk]) -> [ArraySlice<LineDifference.Hunk>] {
    var hunks: [ArraySlice<LineDifference.Hunk>] = []
    var start = 0
    for index in changes.indices {
      let next = index + 1
      guard next == changes.count || changes[next].old.lowerBound - changes[index].old.upperBound > 2 * context else {
        continue
      }
      hunks.append(changes[start..<next])
      start = next
    }
    return hunks
  }

  private static func write(
    _ hunk: ArraySlice<LineDifference.Hunk>, _ before: [ArraySlice<UInt8>], _ after: [ArraySlice<UInt8>],
    to text: inout String
  ) {
    guard let first = hunk.first, let last = hunk.last else { return }
    let lead = min(context, first.old.lowerBound)
    let tail = min(context, before.count - last.old.upperBound)
    let old = (first.old.lowerBound - lead)..<(last.old.upperBound + tail)
    let new = (first.new.lowerBound - lead)..<(last.new.upperBound + tail)
    text += "@@ -\(range(old)) +\(range(new)) @@\n"
    var position = old.lowerBound
    for change in hunk {
      for line in before[position..<change.old.lowerBound] { write(line, " ", to: &text) }
      for line in before[change.old] { write(line, "-", to: &text) }
      for line in after[change.new] { write(line, "+", to: &text) }
      position = change.old.upperBound
    }
    for line in before[position..<old.upperBound] { write(line, " ", to: &text) }
  }

  private static func write(_ line: ArraySlice<UInt8>, _ sign: Character, to text: inout String) {
    text.append(sign)
    text += String(decoding: line, as: UTF8.self)
    if line.last != 0x0A { text += "\n\\ No newline at end of file\n" }
  }

  /// As in `diff`: an empty range is named by the line before it.
  private static func range(_ lines: Range<Int>) -> String {
    switch lines.count {
    case 0: "\(lines.lowerBound),0"
    case 1: "\(lines.lowerBound + 1)"
    default: "\(lines.lowerBound + 1),\(lines.count)"
    }
  }

  /// The lines for a terminal, with control characters visible.
  package var visible: String { text.withVisibleControls }
}

extension String {
  /// Shows control characters except tab and line feed as `^[`, `^M`, other invisible characters as `\u{202e}`, and
  /// bytes that are not text as `\xf6`, so that a file cannot control the terminal or deceive the reader.
  package var withVisibleControls: String {
    // Most text has none: its bytes show that faster than its characters.
    let isPlain = utf8.allSatisfy { ($0 >= 0x20 && $0 < 0x7F) || $0 == 0x0A || $0 == 0x09 }
    if isPlain { return self }
    var result = ""
    var isByte = false
    for scalar in unicodeScalars {
      switch scalar.value {
      case 0x80...0xFF where isByte: result += "\\x" + String(scalar.value, radix: 16)
      case 0xE003: break
      case 0x09, 0x0A: result.unicodeScalars.append(scalar)
      case 0..<0x20: result += "^" + String(Character(Unicode.Scalar(UInt8(scalar.value) + 0x40)))
      case 0x7F: result += "^?"
      case 0x80..<0xA0: result += "\\x" + String(scalar.value, radix: 16)
      // Joiners between letters and signs are part of words.
      case 0x200C, 0x200D: result.unicodeScalars.append(scalar)
      default:
        if scalar.isHarmless {
          result.unicodeScalars.append(scalar)
        } else {
          result += "\\u{" + String(scalar.value, radix: 16) + "}"
        }
      }
      isByte = scalar.value == 0xE003
    }
    return result
  }

  /// A line feed in a name would end a header line.
  package var onOneLine: String {
    let text = withVisibleControls
    return text.utf8.contains(0x0A) ? text.replacing("\n", with: "^J") : text
  }
}
