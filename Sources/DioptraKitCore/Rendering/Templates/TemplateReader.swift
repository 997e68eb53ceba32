internal import DioptraModel
internal import DioptraSystem

/// Parses the subset of Mustache that templates use: `{{name}}`, `{{#name}}…{{/name}}`, `{{^name}}…{{/name}}` and `{{!
/// comment}}`. A line that contains only the start or end of a section, or a comment, is left out of the result.
struct TemplateReader {
  private typealias Tag = CompiledTemplate.Tag
  private typealias Part = CompiledTemplate.Part

  private static let opening = Array("{{".utf8)
  private static let closing = Array("}}".utf8)
  private static let newline = UInt8(ascii: "\n")

  private let template: Template
  private let source: [UInt8]
  /// Where lines end.
  private let lineEnds: [Int]
  /// Where the unread part begins.
  private var position = 0

  init(_ template: Template) {
    self.template = template
    source = Array(template.source.utf8)
    lineEnds = source.withUnsafeBufferPointer { $0.lineEnds }
  }

  mutating func parts() throws -> [CompiledTemplate.Part] {
    try parts(of: nil)
  }

  /// The parts up to the end of a section, or of the template.
  private mutating func parts(of section: Tag?) throws -> [Part] {
    var parts: [Part] = []
    while let start = find(Self.opening, from: position) {
      guard let close = find(Self.closing, from: start + Self.opening.count) else {
        throw template.fault(at: start, "the placeholder does not end", "Write }} behind its name")
      }
      let tag = try tag(at: start, upTo: close)
      let end = close + Self.closing.count
      let line = tag?.kind == .value ? nil : ownLine(of: start..<end)
      add(position..<(line?.lowerBound ?? start), to: &parts)
      position = line?.upperBound ?? end
      switch tag?.kind {
      case nil: break
      case .value?: if let tag { parts.append(.value(tag)) }
      case .section?, .invertedSection?: if let tag { parts.append(.section(tag, try self.parts(of: tag))) }
      case .end?:
        guard let section, section.name == tag?.name else {
          throw unexpectedEnd(at: start, tag?.name ?? "", of: section)
        }
        return parts
      }
    }
    if let section {
      throw template.fault(
        at: section.offset, "the section '\(section.name)' does not end", "Write {{/\(section.name)}} behind it")
    }
    add(position..<source.count, to: &parts)
    position = source.count
    return parts
  }

  /// The tag between the braces; nil for a comment.
  private func tag(at start: Int, upTo close: Int) throws -> Tag? {
    var tag = source[(start + Self.opening.count)..<close]
    let kind: Tag.Kind
    switch tag.first {
    case UInt8(ascii: "!"): return nil
    case UInt8(ascii: "#"): kind = .section
    case UInt8(ascii: "^"): kind = .invertedSection
    case UInt8(ascii: "/"): kind = .end
    default: kind = .value
    }
    if kind != .value { tag.removeFirst() }
    let name = String(String(decoding: tag, as: UTF8.self).trimming(" \t"))
    guard name.consists(of: { $0.isASCIIAlphanumeric || $0 == "_" }) else {
      let shown = String(decoding: source[start..<(close + Self.closing.count)], as: UTF8.self)
      throw template.fault(
        at: start, "\(shown.quoted) is no placeholder", "Write {{name}}, a section, or a comment: {{! words }}")
    }
    return Tag(kind: kind, name: name, offset: start, line: line(at: start))
  }

  private func unexpectedEnd(at start: Int, _ name: String, of section: Tag?) -> DioptraError {
    guard let section else {
      return template.fault(at: start, "no section '\(name)' begins before this end", "Remove it, or add {{#\(name)}}")
    }
    return template.fault(
      at: start, "the section '\(section.name)' of \(template.place(of: section.offset)) ends as '\(name)'",
      "Write {{/\(section.name)}}")
  }

  /// The line around a tag, including its end, if it contains nothing else.
  private func ownLine(of tag: Range<Int>) -> Range<Int>? {
    let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    let before = source[..<tag.lowerBound]
    let start = before.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? 0
    guard start == 0 || source[start - 1] == Self.newline else { return nil }
    var end = source[tag.upperBound...].firstIndex { !isBlank($0) } ?? source.count
    if end + 1 < source.count, source[end] == UInt8(ascii: "\r"), source[end + 1] == Self.newline { end += 1 }
    guard end == source.count || source[end] == Self.newline else { return nil }
    return start..<min(end + 1, source.count)
  }

  private func add(_ range: Range<Int>, to parts: inout [Part]) {
    guard !range.isEmpty else { return }
    parts.append(.text(String(decoding: source[range], as: UTF8.self), line: line(at: range.lowerBound)))
  }

  /// The line of a byte, from 1 on.
  private func line(at offset: Int) -> Int {
    var (first, last) = (0, lineEnds.count)
    while first < last {
      let middle = (first + last) / 2
      if lineEnds[middle] < offset { first = middle + 1 } else { last = middle }
    }
    return first + 1
  }

  private func find(_ wanted: [UInt8], from start: Int) -> Int? {
    source.withUnsafeBufferPointer { $0.position(of: wanted, from: start, to: $0.count) }
  }
}
