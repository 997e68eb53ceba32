internal import DioptraSystem

/// A text file with placeholders in the style of Mustache, compiled into the program beside its component.
public struct Template: Codable, Equatable, Sendable {
  public let name: String
  public let source: String

  public init(name: String, source: String) {
    self.name = name
    self.source = source
  }
}

/// A value for a placeholder.
public indirect enum TemplateValue: Codable, Equatable, Sendable {
  case text(Text)
  /// Shows or hides a section.
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
