package import DioptraSystem

/// Something that the user can choose, under its name in `dioptra.yaml`.
public struct Variable: Sendable {
  /// Where a value comes from if the user chose none.
  public enum Default: Sendable {
    /// The same in every deployment, in canonical form.
    case value(String)
    /// Derived from other variables; `explanation` completes "By default …".
    case derived(explanation: String, @Sendable (Configuration) throws -> String)
  }

  /// The part of an entry in the reference template's mapping `__containers` that corresponds to this variable.
  public enum ContainerPart: Sendable, Equatable {
    case image(of: String)
    case imageWithoutTag(of: String)
    case tag(of: String)
    /// A list of arguments.
    case list(of: String)
  }

  /// The name in `dioptra.yaml`, of the characters a-z, 0-9 and _: `grafana_port`.
  public let name: VariableName
  /// Which values are valid.
  public let type: VariableType
  package let defaultValue: Default
  /// What the variable is for, in one sentence.
  public let help: String
  /// Aliases accepted as input: the reference template's private names.
  public let aliases: [String]
  /// The variable's position among those that `init` asks for on a terminal; nil if it does not ask.
  public let promptPosition: Int?
  /// Where the reference template has the value; nil if it is not in that mapping.
  public let containerPart: ContainerPart?
  /// The option of the standalone script that replaces the value for one run.
  public let standaloneOption: String?
  /// Prefixes of values that the reference template once wrote by itself, which are not choices.
  public let supersededPrefixes: [String]

  /// Whether the value may name the release of Dioptra, alone or as an image's tag, and changes with it.
  public let followsRelease: Bool

  /// Whether data depend on the value: it is kept when the deployment is renamed.
  public let staysWithData: Bool

  /// A variable that `init` does not ask for, unless it has a prompt position. `help` is a sentence with a full stop.
  public init(
    _ name: VariableName, _ type: VariableType, default defaultValue: Default, help: String, aliases: [String] = [],
    promptPosition: Int? = nil, containerPart: ContainerPart? = nil,
    standaloneOption: String? = nil, supersededPrefixes: [String] = [], followsRelease: Bool = false,
    staysWithData: Bool = false
  ) {
    self.name = name
    self.type = type
    self.defaultValue = defaultValue
    self.help = help
    self.aliases = aliases
    self.promptPosition = promptPosition
    self.containerPart = containerPart
    self.standaloneOption = standaloneOption
    self.supersededPrefixes = supersededPrefixes
    self.followsRelease = followsRelease
    self.staysWithData = staysWithData
  }

  /// Checks a value and returns its canonical form.
  ///
  /// - Throws: `DioptraError` that names the variable.
  package func accept(_ value: String) throws(DioptraError) -> String {
    switch type.canonical(value) {
    case .success(let canonical): return canonical
    case .failure(let fault):
      throw DioptraError(.valueInvalid, "\(name) \(fault.problem)", remedy: fault.remedy)
    }
  }
}
