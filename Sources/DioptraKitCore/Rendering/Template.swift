import Mustache

/// A text file with Mustache placeholders, compiled into the program beside its component.
public struct Template: Codable, Equatable, Sendable {
  public let name: String
  public let source: String

  public init(name: String, source: String) {
    self.name = name
    self.source = source
  }

  /// Fills the placeholders.
  ///
  /// - Throws: `DioptraError` for a placeholder that the values do not know, or a mistake in the template's own syntax.
  func rendered(with values: TemplateScope, _ compiled: CompiledTemplates) throws -> String {
    guard source.holdsPlaceholders else { return source }
    let text = try compiled[self].render(values)
    if let unknown = values.unknownNames.first {
      throw DioptraError(
        "template \(name) has the placeholder '\(unknown)', which nothing fills",
        remedy: "Give the template a value of that name"
      )
    }
    return text
  }
}

extension String {
  /// Whether two braces stand together, looked for byte by byte.
  fileprivate var holdsPlaceholders: Bool {
    let brace = UInt8(ascii: "{")
    var previous: UInt8 = 0
    for byte in utf8 {
      if byte == brace, previous == brace { return true }
      previous = byte
    }
    return false
  }
}

/// Templates that were read already; one template often makes several files.
final class CompiledTemplates {
  private var templates: [String: CompiledTemplate] = [:]

  subscript(_ template: Template) -> CompiledTemplate {
    get throws {
      if let known = templates[template.source] { return known }
      let compiled = try CompiledTemplate(template)
      templates[template.source] = compiled
      return compiled
    }
  }
}

/// A template as Mustache has it. Runs of lines without placeholders are carried past Mustache, which reads character by
/// character.
struct CompiledTemplate {
  private static let mark: Character = "\u{E005}"
  private let mustache: MustacheTemplate
  private let runs: [String]

  init(_ template: Template) throws(DioptraError) {
    var runs: [String] = []
    var shortened = "{{% CONTENT_TYPE:TEXT}}\n"
    var run = ""
    func endRun() {
      guard !run.isEmpty else { return }
      shortened += "\(Self.mark)\(runs.count)\(Self.mark)\n"
      runs.append(run)
      run = ""
    }
    for line in template.source.linesWithEnds {
      if line.holdsPlaceholders {
        endRun()
        shortened += line
      } else {
        run += line
      }
    }
    endRun()
    self.runs = runs
    do {
      mustache = try MustacheTemplate(string: shortened)
    } catch {
      throw DioptraError("template \(template.name) cannot be read: \(error)", remedy: "Correct its placeholders")
    }
  }

  func render(_ values: TemplateScope) -> String {
    mustache.render(values).linesWithEnds.map { line in
      guard line.utf8.first == 0xEE, line.first == Self.mark, let number = Int(line.dropFirst().dropLast(2)) else {
        return line
      }
      return runs[number]
    }.joined()
  }
}

/// A value that fills a placeholder.
public indirect enum TemplateValue: Codable, Equatable, Sendable {
  case text(Text)
  /// Decides whether a section is there.
  case flag(Bool)
  /// Repeats a section, once for each set of values.
  case list([[String: TemplateValue]])
}

extension TemplateValue: ExpressibleByStringInterpolation {
  public init(stringLiteral value: String) {
    self = .text(Text(value))
  }

  public init(stringInterpolation: Text.StringInterpolation) {
    self = .text(Text(stringInterpolation: stringInterpolation))
  }
}

/// All names that a template can use. Remembers those it was asked for in vain, since Mustache renders them as nothing.
final class TemplateScope: MustacheParent {
  private let values: [String: TemplateValue]
  private let general: (String) throws -> TemplateValue?
  private let marked: (Text) throws -> String
  private(set) var unknownNames: [String] = []
  private(set) var failure: (any Error)?

  /// - Parameters:
  ///   - values: What only this template knows.
  ///   - general: Finds what every template knows.
  ///   - marked: Turns a text into characters.
  init(
    _ values: [String: TemplateValue], general: @escaping (String) throws -> TemplateValue?,
    marked: @escaping (Text) throws -> String
  ) {
    self.values = values
    self.general = general
    self.marked = marked
  }

  func child(named name: String) -> Any? {
    do {
      if let value = try values[name] ?? general(name) { return try plain(value) }
      unknownNames.append(name)
    } catch {
      failure = failure ?? error
    }
    return nil
  }

  private func plain(_ value: TemplateValue) throws -> Any {
    switch value {
    case .text(let text): try marked(text)
    case .flag(let flag): flag
    case .list(let items): try items.map { try $0.mapValues(plain) }
    }
  }
}
