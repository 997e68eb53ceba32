internal import DioptraSystem

/// Text that remembers what it is made of: literals, values of variables, secrets, and addresses of services.
///
/// Written as a string with interpolation: `"http://\(endpoint: "minio-api")"`.
public struct Text: Codable, Equatable, Sendable {
  public enum Segment: Codable, Equatable, Sendable {
    case literal(String)
    /// The value that a variable has.
    case variable(VariableName, value: String)
    /// The value of a secret, which no text but a file's bytes ever holds.
    case secret(SecretName, SecretEncoding)
    /// `host:port` of an endpoint, or its host alone; known once all contributions are there.
    case endpoint(EndpointName, EndpointPart)
  }

  public enum SecretEncoding: String, Codable, Sendable {
    case plain
    /// Percent-encoded, for the user part of a URI.
    case percent
    /// As all of a value in an environment file: with quotes where Compose would read something else without them.
    case setting

    /// How a secret's value stands in a file.
    package func form(of value: String) -> String {
      switch self {
      case .plain: value
      case .percent: value.percentEncoded
      case .setting: EnvironmentSpelling.of(value)
      }
    }
  }

  public enum EndpointPart: String, Codable, Sendable {
    case address
    case host
  }

  public var segments: [Segment]

  public init(segments: [Segment]) {
    self.segments = segments
  }

  public init(_ literal: String) {
    self.init(segments: literal.isEmpty ? [] : [.literal(literal)])
  }

  public static func + (left: Text, right: Text) -> Text {
    Text(segments: left.segments + right.segments)
  }

  /// The characters; nil for a text with a secret or an address, which are known later.
  public var characters: String? {
    var result = ""
    for segment in segments {
      switch segment {
      case .literal(let value), .variable(_, let value): result += value
      case .secret, .endpoint: return nil
      }
    }
    return result
  }

  /// The text as what fills a template's placeholder.
  public var value: TemplateValue { .text(self) }

}

extension Text: ExpressibleByStringInterpolation {
  public init(stringLiteral value: String) {
    self.init(value)
  }

  public init(stringInterpolation: StringInterpolation) {
    self.init(segments: stringInterpolation.segments)
  }

  public struct StringInterpolation: StringInterpolationProtocol {
    package var segments: [Segment] = []

    public init(literalCapacity: Int, interpolationCount: Int) {}

    public mutating func appendLiteral(_ literal: String) {
      if !literal.isEmpty { segments.append(.literal(literal)) }
    }

    public mutating func appendInterpolation(_ text: Text) {
      segments += text.segments
    }

    public mutating func appendInterpolation(_ literal: String) {
      appendLiteral(literal)
    }

    public mutating func appendInterpolation(_ number: Int) {
      appendLiteral(String(number))
    }

    public mutating func appendInterpolation(secret name: SecretName, _ encoding: SecretEncoding = .plain) {
      segments.append(.secret(name, encoding))
    }

    public mutating func appendInterpolation(endpoint name: EndpointName) {
      segments.append(.endpoint(name, .address))
    }

    public mutating func appendInterpolation(host name: EndpointName) {
      segments.append(.endpoint(name, .host))
    }
  }
}
