internal import DioptraSystem

/// A name for one kind of thing, checked by the compiler: a service's name is not a volume's name.
public struct Identifier<Kind>: Hashable, Sendable, Codable, Comparable, ExpressibleByStringLiteral,
  CustomStringConvertible
{
  public let rawValue: String

  public init(_ rawValue: String) {
    self.rawValue = rawValue
  }

  public init(stringLiteral value: String) {
    self.init(value)
  }

  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }

  public var description: String { rawValue }

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
