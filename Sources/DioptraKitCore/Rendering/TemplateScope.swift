package import DioptraModel
internal import DioptraSystem
import Mustache

extension Template {
  /// Fills the placeholders.
  ///
  /// - Throws: `DioptraError` for a placeholder that the values do not know, or a mistake in the template's own syntax.
  package func rendered(with values: TemplateScope, _ compiled: CompiledTemplates) throws -> String {
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

/// All names that a template can use. Remembers those it was asked for in vain, since Mustache renders them as nothing.
package final class TemplateScope: MustacheParent {
  private let values: [String: TemplateValue]
  private let general: (String) throws -> TemplateValue?
  private let marked: (Text) throws -> String
  private(set) var unknownNames: [String] = []
  package private(set) var failure: (any Error)?

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

  package func child(named name: String) -> Any? {
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
