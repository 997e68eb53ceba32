internal import DioptraSystem

/// A name for one kind of thing, checked by the compiler: a service's name is not a volume's name.
public struct Identifier<Kind>: Hashable, Sendable, Codable, Comparable, ExpressibleByStringLiteral,
  CustomStringConvertible
{
  /// The name as it is written: `mlflow-tracking`.
  public let rawValue: String

  /// A name of any characters; nothing is checked here.
  public init(_ rawValue: String) {
    self.rawValue = rawValue
  }

  /// A name written as a literal: `let id: ComponentID = "grafana"`.
  public init(stringLiteral value: String) {
    self.init(value)
  }

  /// Decodes a plain string.
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode(String.self))
  }

  /// Encodes the name as a plain string.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }

  /// The name as it is written.
  public var description: String { rawValue }

  /// Whether the left one comes first in the order of strings.
  public static func < (left: Self, right: Self) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// Names a component: `database`.
public typealias ComponentID = Identifier<any Component>
/// Names a variable of `dioptra.yaml`: `container_tag`.
public typealias VariableName = Identifier<Variable>
/// Names a secret: `store_root_password`.
public typealias SecretName = Identifier<Secret>
/// Names a service without the deployment's slug: `mlflow-tracking`.
public typealias ServiceName = Identifier<Service>
/// Names a volume without the deployment's slug: `database-data`.
public typealias VolumeName = Identifier<Volume>
/// Names an address that services reach each other at: `store-api`.
public typealias EndpointName = Identifier<Endpoint>
/// Names an init step: `store.setup`.
public typealias StepID = Identifier<Step>
