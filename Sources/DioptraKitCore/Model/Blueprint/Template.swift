internal import DioptraSystem

/// A text file with placeholders in the style of Mustache, compiled into the program beside its component.
public struct Template: Codable, Equatable, Sendable {
  /// The name of the template's file, for errors and for `explain`: `servers.conf`.
  public let name: String
  /// The content of the file, with its placeholders.
  public let source: String

  /// A template; the build makes one of every file in a folder `Templates`.
  public init(name: String, source: String) {
    self.name = name
    self.source = source
  }
}

/// A value for a placeholder.
public indirect enum TemplateValue: Codable, Equatable, Sendable {
  /// Stands in place of `{{name}}`.
  case text(Text)
  /// Shows or hides a section.
  case flag(Bool)
  /// Repeats a section, once for each set of values.
  case list([[String: TemplateValue]])
}

extension TemplateValue: ExpressibleByStringInterpolation {
  /// A text without secrets, values of variables or addresses.
  public init(stringLiteral value: String) {
    self = .text(Text(value))
  }

  /// A text, written as a string with interpolation; see `Text`.
  public init(stringInterpolation: Text.StringInterpolation) {
    self = .text(Text(stringInterpolation: stringInterpolation))
  }
}
