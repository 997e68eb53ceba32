public import DioptraSystem

/// What a component's contributions may depend on: the configuration and the deployment's identity.
public struct Context: Sendable {
  /// The values of variables; a component that contributes sees only those that it may use.
  public let configuration: Configuration
  /// The deployment's id and folder.
  public let identity: Identity

  /// A context in which every variable of the configuration can be read.
  public init(configuration: Configuration, identity: Identity) {
    self.configuration = configuration
    self.identity = identity
  }

  /// The same for one component, limited to the variables of some components.
  func seen(by component: ComponentID, _ visible: Set<ComponentID>) -> Context {
    Context(configuration: configuration.seen(by: component, visible), identity: identity)
  }

  /// The value of a variable, as text that remembers its origin.
  ///
  /// - Throws: `DioptraError` if neither the component nor one that it requires declares the variable.
  public subscript(_ name: VariableName) -> Text {
    get throws(DioptraError) { Text(segments: [.variable(name, value: try configuration[name])]) }
  }

  /// The name of a service of the running deployment, which others reach it by, too.
  public func name(of service: ServiceName) -> Text { configuration.dialect.name(of: service, in: deploymentPrefix) }

  /// A volume's name on the engine.
  public func name(of volume: VolumeName) -> Text { configuration.dialect.name(of: volume, in: deploymentPrefix) }

  /// A network's name on the engine.
  package func name(of network: Network) -> Text { configuration.dialect.name(of: network, in: deploymentPrefix) }

  /// What all names of the deployment begin with, as text that remembers its variable.
  package var deploymentPrefix: Text {
    Text(segments: [.variable(Configuration.slugVariable, value: configuration.slug)])
  }

  /// The value of a variable that is a whole number.
  public func count(_ name: VariableName) throws(DioptraError) -> Int {
    Int(try configuration[name]) ?? 0
  }

  /// The value of a variable that is on or off.
  public func isOn(_ name: VariableName) throws(DioptraError) -> Bool {
    try configuration[name] == VariableType.on
  }

  /// Whether a variable's value is empty.
  public func isBlank(_ name: VariableName) throws(DioptraError) -> Bool {
    try configuration[name].isEmpty
  }
}

/// What shapes the deployment without being the user's choice.
public struct Identity: Sendable, Codable, Equatable {
  /// The deployment's own id, on the volumes and containers that it creates: 16 hexadecimal digits.
  public let deployment: String
  /// Stands for a deployment without an id, such as one that is only inspected.
  package static let unnamed = "0000000000000000"

  /// A new, unique id.
  package static func newName() -> String {
    let digits = String(UInt64.random(in: .min ... .max), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// The absolute path of the deployment folder.
  public let folder: String

  /// Needs an id of 16 hexadecimal digits and an absolute path.
  public init(deployment: String, folder: String) {
    self.deployment = deployment
    self.folder = folder
  }
}
