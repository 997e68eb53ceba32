package import DioptraModel

/// All names that a template can use, innermost first.
package struct TemplateScope {
  /// The values of the file, then of each enclosing section.
  private var values: [[String: TemplateValue]]
  private let general: (String) throws -> TemplateValue?
  /// Fills in addresses and versions of secrets.
  let resolved: (Text) throws -> Text

  /// - Parameters:
  /// - values: The values for this template only.
  /// - general: Looks up the values for every template.
  /// - resolved: Fills in what a text leaves open.
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

  /// The same scope, with the names of one iteration of a section.
  func adding(_ item: [String: TemplateValue]) -> TemplateScope {
    var scope = self
    scope.values.append(item)
    return scope
  }
}
