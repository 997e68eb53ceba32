internal import DioptraModel
internal import DioptraSystem

/// Two versions of a file's text, prepared for output.
struct ShownLines {
  /// Larger files are not shown.
  static let limit = 1 << 20

  private let old: String?
  private let new: String?

  /// nil if one of them is not text.
  init?(old: [UInt8]?, new: [UInt8]?) {
    func text(_ bytes: [UInt8]?) -> String?? {
      guard let bytes else { return .some(nil) }
      if bytes.contains(0) { return nil }
      return String(exactly: bytes)
    }
    guard let old = text(old), let new = text(new) else { return nil }
    self.old = old
    self.new = new
  }

  /// Both versions, line by line, without secrets. Lines look the same if and only if they are in both versions.
  ///
  /// - Parameters:
  /// - isPrivate: Whether the user's own lines may contain secrets: only their names are shown.
  /// - rendered: The rendered text; its lines are not the user's secrets.
  func shown(_ mask: SecretMask, isPrivate: Bool, rendered: [UInt8]) -> (old: String?, new: String?) {
    let ours = Set(String(exactly: rendered).linesWithEnds.map { Array($0.utf8).withUnixLineEnds })
    let (before, after) = (old?.linesWithEnds ?? [], new?.linesWithEnds ?? [])
    let changes = LineDifference(from: before.map { Array($0.utf8) }, to: after.map { Array($0.utf8) }).changes
    func shown(_ lines: [String], _ changed: [Range<Int>], _ word: String) -> String {
      var isChanged = [Bool](repeating: false, count: lines.count)
      for range in changed { for index in range { isChanged[index] = true } }
      return zip(lines, isChanged).map { line, isChanged in
        guard isPrivate, !ours.contains(Array(line.utf8).withUnixLineEnds) else { return mask.masked(line) }
        return Self.hidden(line, isChanged ? word : "hidden", mask)
      }.joined()
    }
    return (
      old.map { _ in shown(before, changes.map(\.old), "hidden, as recorded") },
      new.map { _ in shown(after, changes.map(\.new), "hidden, as on disk") }
    )
  }

  /// A line with its name but not its value.
  static func hidden(_ line: String, _ word: String, _ mask: SecretMask) -> String {
    let text = line.trimmingEnd
    guard !text.isEmpty else { return line }
    let end = line[text.endIndex...]
    guard let separator = text.firstIndex(where: { $0 == "=" || $0 == ":" }), text[..<separator].allSatisfy(isOfName)
    else {
      return "‹\(word)›\(end)"
    }
    return "\(mask.masked(text[...separator]))‹\(word)›\(end)"
  }

  private static func isOfName(_ character: Character) -> Bool {
    character.isASCIIAlphanumeric || "_-. #".contains(character)
  }
}

extension String {
  /// Without the end of the line.
  var trimmingEnd: Substring {
    var scalars = unicodeScalars[...]
    while let last = scalars.last, last == "\n" || last == "\r" { scalars.removeLast() }
    return Substring(scalars)
  }
}
