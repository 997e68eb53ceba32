package import DioptraModel
internal import DioptraSystem

/// Caches parsed templates, since one template often renders several files.
final class CompiledTemplates {
  private var templates: [String: CompiledTemplate] = [:]

  subscript(_ template: Template) -> CompiledTemplate {
    get throws {
      if let known = templates[template.source], known.template.name == template.name { return known }
      let compiled = try CompiledTemplate(template)
      templates[template.source] = compiled
      return compiled
    }
  }
}

/// A template, parsed into text and placeholders.
package struct CompiledTemplate {
  indirect enum Part: Equatable {
    /// - Parameter line: Where it begins in the template, from 1 on.
    case text(String, line: Int)
    case value(Tag)
    case section(Tag, [Part])
  }

  /// What stands between `{{` and `}}`.
  struct Tag: Equatable {
    enum Kind: Equatable {
      case value, section, invertedSection, end
    }

    let kind: Kind
    let name: String
    /// Where it begins in the template, in bytes.
    let offset: Int
    /// The line that it stands on, from 1 on.
    let line: Int
  }

  let template: Template
  let parts: [Part]

  /// - Throws: `DioptraError` with the line and column of an invalid placeholder.
  package init(_ template: Template) throws {
    self.template = template
    var reader = TemplateReader(template)
    parts = try reader.parts()
  }

  /// Appends the template to a text, its placeholders filled.
  ///
  /// - Throws: `DioptraError` with the line and column of an unknown placeholder.
  package func append(to text: inout Text, with values: TemplateScope) throws {
    try append(parts, to: &text, values)
  }

  private func append(_ parts: [Part], to text: inout Text, _ values: TemplateScope) throws {
    for part in parts {
      switch part {
      case .text(let characters, let line): text.append(Text.Segment(.literal(characters), at: place(line)))
      case .value(let tag):
        guard case .text(let value) = try self.value(of: tag, values) else {
          throw template.fault(at: tag.offset, "'\(tag.name)' is no text", "Use it as a section: {{#\(tag.name)}}")
        }
        append(try placing(tag) { try values.resolved(value) }, to: &text, at: place(tag.line))
      case .section(let tag, let parts):
        switch (try value(of: tag, values), tag.kind) {
        case (.flag(let flag), let kind): if flag == (kind == .section) { try append(parts, to: &text, values) }
        case (.list(let items), .section):
          for item in items { try append(parts, to: &text, values.adding(item)) }
        case (.list(let items), _): if items.isEmpty { try append(parts, to: &text, values) }
        case (.text, _):
          throw template.fault(
            at: tag.offset, "the section '\(tag.name)' is made of a text", "Give it a list, or a flag")
        }
      }
    }
  }

  /// Every line of a value comes from the line of its placeholder.
  private func append(_ value: Text, to text: inout Text, at place: Text.Segment.Place) {
    for var segment in value.segments {
      segment.place = segment.place ?? place
      if case .literal(let characters) = segment.content, segment.place == place {
        for line in characters.linesWithEnds { text.append(segment.with(line)) }
      } else {
        text.append(segment)
      }
    }
  }

  /// What is wrong with a value is told with the place of its placeholder.
  private func placing<Value>(_ tag: Tag, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as DioptraError {
      throw error.saying("template \(template.place(of: tag.offset)): \(error.problem)")
    }
  }

  private func place(_ line: Int) -> Text.Segment.Place { Text.Segment.Place(template: template.name, line: line) }

  private func value(of tag: Tag, _ values: TemplateScope) throws -> TemplateValue {
    if let value = try placing(tag, { try values[tag.name] }) { return value }
    throw template.fault(at: tag.offset, "nothing fills '\(tag.name)'", "Give the template a value of that name")
  }
}

extension Template {
  /// A mistake at an offset in the template, in bytes.
  func fault(at offset: Int, _ problem: String, _ remedy: Remedy) -> DioptraError {
    DioptraError(.componentInvalid, "template \(place(of: offset)): \(problem)", remedy: remedy)
  }

  /// `name:line:column`, as compilers write it.
  func place(of offset: Int) -> String { "\(name):\(TextPlace(of: offset, in: source.utf8))" }
}
