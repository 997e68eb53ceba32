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
    guard source.position(of: CompiledTemplate.opening) != nil else { return source }
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
      note(error)
    }
    return nil
  }

  fileprivate func plain(_ value: TemplateValue) throws -> Any {
    switch value {
    case .text(let text): TemplateText(renderText: try marked(text))
    case .flag(let flag): flag
    case .list(let items): items.map { TemplateItem(values: $0, scope: self) }
    }
  }

  fileprivate func note(_ error: any Error) {
    failure = failure ?? error
  }
}

/// Characters, in the form that Mustache recognises soonest.
private struct TemplateText: MustacheCustomRenderable {
  let renderText: String
  var isNull: Bool { false }
}

/// The names that one turn of a section adds.
private final class TemplateItem: MustacheParent {
  private let values: [String: TemplateValue]
  private let scope: TemplateScope

  init(values: [String: TemplateValue], scope: TemplateScope) {
    self.values = values
    self.scope = scope
  }

  func child(named name: String) -> Any? {
    do {
      return try values[name].map(scope.plain)
    } catch {
      scope.note(error)
      return nil
    }
  }
}
