internal import DioptraSystem

/// Where the characters of a text come from, apart from the characters: what State remembers of a file's origin.
///
/// It has names of variables, components and templates, each on a line of its own, and on the last line the segments of
/// the text: how many bytes it has or `s` for a secret, then the numbers of its names. `120` are characters of the
/// file's own component, `18v0` are a value of the variable on the first line, `7c1t2:14` come from another component
/// and line 14 of a template, and `33+` from where that template goes on. Databases hold this form: it never changes.
package struct TextOrigins: Equatable, Sendable {
  package let characters: String

  /// - Parameter characters: What `characters` of origins were.
  package init(_ characters: String) { self.characters = characters }

  package init(of text: Text) {
    var names = Names()
    var place: Text.Segment.Place?
    var segments: [String] = []
    for segment in text.segments {
      var word = segment.characters.map { String(Placeholder.literal($0).utf8.count) } ?? "s"
      if case .variable(let name, _) = segment.content { word += "v\(names.number(of: "v \(name)"))" }
      if let component = segment.component { word += "c\(names.number(of: "c \(component)"))" }
      if let own = segment.place {
        word += own == place ? "+" : "t\(names.number(of: "t \(own.template)")):\(own.line)"
      }
      place = segment.placeBehind
      segments.append(word)
    }
    characters = (names.lines + [segments.joined(separator: " ")]).joined(separator: "\n")
  }

  /// The text whose origins these are; nil where they are those of another one.
  package func text(of stored: StoredText) -> Text? {
    var lines = characters.split(separator: "\n", omittingEmptySubsequences: false)
    let words = lines.popLast()?.split(separator: " ") ?? []
    var content = Content(stored.text)
    var segments: [Text.Segment] = []
    for word in words {
      guard let form = Form(word, lines, behind: segments.last),
        var segment = form.length.map({ content.literal(of: $0) }) ?? content.secret()
      else { return nil }
      if let variable = form.variable {
        segment.content = .variable(VariableName(variable), value: segment.characters ?? "")
      }
      segment.component = form.component.map { ComponentID($0) }
      segment.place = form.place
      segments.append(segment)
    }
    return content.isEmpty ? Text(segments: segments) : nil
  }

  private struct Names {
    private(set) var lines: [String] = []
    private var numbers: [String: Int] = [:]

    mutating func number(of line: String) -> Int {
      if let number = numbers[line] { return number }
      numbers[line] = lines.count
      lines.append(line)
      return lines.count - 1
    }
  }

  /// The word of one segment.
  private struct Form {
    /// nil for a secret.
    private(set) var length: Int?
    private(set) var variable: String?
    private(set) var component: String?
    private(set) var place: Text.Segment.Place?

    init?(_ word: Substring, _ lines: [Substring], behind last: Text.Segment?) {
      var rest = word.utf8[...]
      func number() -> Int? {
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        rest = rest.dropFirst(digits.count)
        return Int(Substring(digits))
      }
      func name() -> String? { number().flatMap { lines.indices.contains($0) ? String(lines[$0].dropFirst(2)) : nil } }
      if rest.first == UInt8(ascii: "s") {
        rest.removeFirst()
      } else {
        guard let length = number() else { return nil }
        self.length = length
      }
      while let mark = rest.popFirst() {
        switch mark {
        case UInt8(ascii: "v"):
          guard let name = name() else { return nil }
          variable = name
        case UInt8(ascii: "c"):
          guard let name = name() else { return nil }
          component = name
        case UInt8(ascii: "t"):
          guard let name = name(), rest.popFirst() == UInt8(ascii: ":"), let line = number() else { return nil }
          place = Text.Segment.Place(template: name, line: line)
        case UInt8(ascii: "+"):
          guard let behind = last?.placeBehind else { return nil }
          place = behind
        default: return nil
        }
      }
    }
  }

  /// What was not given an origin yet.
  private struct Content {
    private var segments: ArraySlice<Text.Segment>
    private var literal: Substring.UTF8View = Substring().utf8

    init(_ text: Text) { segments = text.segments[...] }

    var isEmpty: Bool { segments.isEmpty && literal.isEmpty }

    mutating func literal(of length: Int) -> Text.Segment? {
      if literal.isEmpty, length > 0, let next = segments.first?.characters {
        segments.removeFirst()
        literal = Substring(next).utf8
      }
      guard literal.count >= length else { return nil }
      defer { literal = literal.dropFirst(length) }
      return Text.Segment(.literal(String(Substring(literal.prefix(length)))))
    }

    mutating func secret() -> Text.Segment? {
      guard literal.isEmpty, let next = segments.first, next.secret != nil else { return nil }
      return segments.removeFirst()
    }
  }
}
