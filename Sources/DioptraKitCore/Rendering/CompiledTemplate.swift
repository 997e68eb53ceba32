package import DioptraModel
internal import DioptraSystem
internal import Mustache

/// Templates that were read already; one template often makes several files.
package final class CompiledTemplates {
  private var templates: [String: CompiledTemplate] = [:]

  package subscript(_ template: Template) -> CompiledTemplate {
    get throws {
      if let known = templates[template.source] { return known }
      let compiled = try CompiledTemplate(template)
      templates[template.source] = compiled
      return compiled
    }
  }
}

/// A template as Mustache has it. Text without placeholders is carried past Mustache, which reads character by
/// character: a short mark stands for it.
package struct CompiledTemplate {
  static let opening = Array("{{".utf8)
  private static let closing = Array("}}".utf8)
  /// U+E005, which no value may hold.
  private static let mark = Array("\u{E005}".utf8)
  /// Shorter pieces are not worth a mark.
  private static let shortest = 12

  private let mustache: MustacheTemplate
  private let pieces: [[UInt8]]

  init(_ template: Template) throws(DioptraError) {
    var source = template.source
    var pieces: [[UInt8]] = []
    let shortened = source.withUTF8 { bytes in
      var short = Array("{{% CONTENT_TYPE:TEXT}}\n".utf8)
      var rest = bytes[...]
      while let tag = rest.position(of: Self.opening) {
        Self.shorten(rest[..<tag], into: &short, &pieces)
        rest = rest[tag...]
        let end = rest.position(of: Self.closing).map { $0 + Self.closing.count } ?? rest.endIndex
        short += rest[..<end]
        rest = rest[end...]
      }
      Self.shorten(rest, into: &short, &pieces)
      return String(decoding: short, as: UTF8.self)
    }
    self.pieces = pieces
    do {
      mustache = try MustacheTemplate(string: shortened)
    } catch {
      throw DioptraError("template \(template.name) cannot be read: \(error)", remedy: "Correct its placeholders")
    }
  }

  package func render(_ values: TemplateScope) -> String {
    var text = mustache.render(values)
    return text.withUTF8 { bytes in
      var output: [UInt8] = []
      var rest = bytes[...]
      while let start = rest.position(of: Self.mark) {
        output += rest[..<start]
        rest = rest[(start + Self.mark.count)...]
        guard let end = rest.position(of: Self.mark),
          let number = Int(String(decoding: rest[..<end], as: UTF8.self)), pieces.indices.contains(number)
        else { break }
        output += pieces[number]
        rest = rest[(end + Self.mark.count)...]
      }
      output += rest
      return String(decoding: output, as: UTF8.self)
    }
  }

  /// Whole lines become one mark, and so does what stands beside a placeholder in its line: whether a placeholder
  /// stands alone in its line has to stay visible.
  private static func shorten(
    _ text: Slice<UnsafeBufferPointer<UInt8>>, into short: inout [UInt8], _ pieces: inout [[UInt8]]
  ) {
    let newline = UInt8(ascii: "\n")
    guard let first = text.firstIndex(of: newline), let last = text.lastIndex(of: newline) else {
      return add(text, to: &short, &pieces)
    }
    add(text[..<first], to: &short, &pieces)
    short.append(newline)
    if first < last {
      add(text[(first + 1)..<last], to: &short, &pieces)
      short.append(newline)
    }
    add(text[(last + 1)...], to: &short, &pieces)
  }

  private static func add(
    _ text: Slice<UnsafeBufferPointer<UInt8>>, to short: inout [UInt8], _ pieces: inout [[UInt8]]
  ) {
    guard text.count >= shortest, text.contains(where: { $0 > UInt8(ascii: " ") }) else { return short += text }
    short += mark + Array(String(pieces.count).utf8) + mark
    pieces.append(Array(text))
  }
}
