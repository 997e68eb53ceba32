internal import DioptraSystem

/// Text that remembers its parts: literals, values of variables, secrets, and addresses of services.
///
/// Written as a string with interpolation: `"http://\(endpoint: "store-api")"`. Templates, YAML and scripts are made by
/// appending to it, so that the origin of every character of a file is known whatever wrote it.
public struct Text: Codable, Equatable, Sendable {
  /// Characters with one origin.
  public struct Segment: Codable, Equatable, Sendable {
    /// What the characters are.
    public enum Content: Codable, Equatable, Sendable {
      /// Characters that stand for themselves.
      case literal(String)
      /// The value of a variable.
      case variable(VariableName, value: String)
      /// The value of a secret, which only the bytes of a file contain. Its version is chosen when files are rendered.
      case secret(SecretName, SecretEncoding, version: Int? = nil)
      /// `host:port` of an endpoint, or only its host; known once all contributions are collected.
      case endpoint(EndpointName, EndpointPart)
    }

    /// A line of a template, from 1 on.
    public struct Place: Codable, Hashable, Sendable {
      /// The name of the template's file: `servers.conf`.
      public let template: String
      /// From 1.
      public let line: Int

      /// A line, counted from 1, of the template with that name.
      public init(template: String, line: Int) {
        self.template = template
        self.line = line
      }
    }

    /// The characters, or what they are made of later.
    public var content: Content
    /// The component that contributed the characters to another component's file; nil for the file's own component.
    public var component: ComponentID?
    /// Where in a template the first character stands; nil for what no template holds.
    public var place: Place?

    /// Characters that belong to the file's own component and to no template, unless it is said otherwise.
    public init(_ content: Content, of component: ComponentID? = nil, at place: Place? = nil) {
      self.content = content
      self.component = component
      self.place = place
    }
  }

  /// How a secret's value is written.
  public enum SecretEncoding: String, Codable, Sendable {
    /// As it is.
    case plain
    /// Percent-encoded, for the user part of a URI.
    case percent
    /// As all of a value in an environment file: with quotes where another value would be read without them.
    case setting

    /// The encoding of a secret's value in a file.
    package func form(of value: String) -> String {
      switch self {
      case .plain: value
      case .percent: value.percentEncoded
      case .setting: EnvironmentSpelling.of(value)
      }
    }
  }

  /// What of an endpoint a text shows.
  public enum EndpointPart: String, Codable, Sendable {
    /// The host and the port: `host:port`.
    case address
    /// Only the host.
    case host
  }

  package var segments: [Segment]

  /// A text made of segments with their origin.
  public init(segments: [Segment]) {
    self.segments = segments
  }

  /// A text made of contents that belong to the file's own component and to no template.
  public init(segments: [Segment.Content]) {
    self.init(segments: segments.map { Segment($0) })
  }

  /// A text of characters that stand for themselves.
  public init(_ literal: String) {
    self.init(segments: literal.isEmpty ? [] : [Segment(.literal(literal))])
  }

  /// Both texts, one after the other; each part keeps its origin.
  public static func + (left: Text, right: Text) -> Text {
    var sum = left
    sum += right
    return sum
  }

  /// Appends a text; each part keeps its origin.
  public static func += (left: inout Text, right: Text) {
    for segment in right.segments { left.append(segment) }
  }

  /// The characters; nil for a text with a secret or an address, which are known later.
  public var characters: String? {
    var result = ""
    for segment in segments {
      switch segment.content {
      case .literal(let value), .variable(_, let value): result += value
      case .secret, .endpoint: return nil
      }
    }
    return result
  }

  /// The text as the value of a template's placeholder.
  public var value: TemplateValue { .text(self) }
}

extension Text: ExpressibleByStringInterpolation {
  /// A text of characters that stand for themselves.
  public init(stringLiteral value: String) {
    self.init(value)
  }

  /// A text written as a string with interpolation.
  public init(stringInterpolation: StringInterpolation) {
    self = stringInterpolation.text
  }

  /// Collects the parts of a text that is written as a string with interpolation.
  public struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = Text(segments: [] as [Segment])

    /// An empty text; the sizes are not used.
    public init(literalCapacity: Int, interpolationCount: Int) {}

    /// Appends the characters around interpolations.
    public mutating func appendLiteral(_ literal: String) {
      text.append(literal)
    }

    /// Appends a text, whose parts keep their origin: `\(context["grafana_port"])`.
    public mutating func appendInterpolation(_ text: Text) {
      self.text += text
    }

    /// Appends characters that stand for themselves.
    public mutating func appendInterpolation(_ literal: String) {
      appendLiteral(literal)
    }

    /// Appends a number in decimal digits.
    public mutating func appendInterpolation(_ number: Int) {
      appendLiteral(String(number))
    }

    /// Appends a secret: `\(secret: "grafana_admin_password")`. Inside a URI, its encoding is `.percent`.
    public mutating func appendInterpolation(secret name: SecretName, _ encoding: SecretEncoding = .plain) {
      text.append(Segment(.secret(name, encoding)))
    }

    /// Appends `host:port` of an endpoint: `\(endpoint: "s3")`.
    public mutating func appendInterpolation(endpoint name: EndpointName) {
      text.append(Segment(.endpoint(name, .address)))
    }

    /// Appends only the host of an endpoint: `\(host: "s3")`.
    public mutating func appendInterpolation(host name: EndpointName) {
      text.append(Segment(.endpoint(name, .host)))
    }
  }
}
