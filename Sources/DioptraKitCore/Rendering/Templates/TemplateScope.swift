package import DioptraModel

/// All names that a template can use, the innermost first.
package struct TemplateScope {
  /// Of the file, then of each section around the placeholder.
  private var values: [[String: TemplateValue]]
  private let general: (String) throws -> TemplateValue?
  /// Decides addresses, and versions of secrets.
  let resolved: (Text) throws -> Text

  /// - Parameters:
  ///   - values: What only this template knows.
  ///   - general: Finds what every template knows.
  ///   - resolved: Decides what a text leaves open.
  package init(
    _ values: [String: TemplateValue], general: @escaping (String) throws -> TemplateValue? = { _ in nil },
    resolved: @escaping (Text) throws -> Text = { $0 }
  ) {
    self.values = [values]
    self.general = general
    self.resolved = resolved
  }

  subscript(_ name: String) -> TemplateValue? {
    get throws {
      for values in values.reversed() { if let value = values[name] { return value } }
      return try general(name)
    }
  }

  /// With the names that one turn of a section adds.
  func adding(_ item: [String: TemplateValue]) -> TemplateScope {
    var scope = self
    scope.values.append(item)
    return scope
  }
}
