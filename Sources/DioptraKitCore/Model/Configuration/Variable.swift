package import DioptraSystem

/// Something that the user can choose, under a name that `dioptra.yaml` knows.
public struct Variable: Sendable {
  /// Where a variable's value comes from when nobody chose one.
  public enum Default: Sendable {
    case value(String)
    /// Follows from other variables; `explanation` completes "By default …".
    case derived(explanation: String, @Sendable (Configuration) throws -> String)
  }

  /// Which part of an entry of the reference template's mapping `__containers` carries this variable.
  public enum ContainerPart: Sendable, Equatable {
    case image(of: String)
    case imageWithoutTag(of: String)
    case tag(of: String)
    /// A list of words.
    case list(of: String)
  }

  public let name: VariableName
  public let type: VariableType
  public let defaultValue: Default
  /// What the variable is for, in one sentence.
  public let help: String
  /// Other spellings that are accepted as input: the reference template's private names.
  public let aliases: [String]
  /// Where the variable stands among those that `init` asks for on a terminal; nil for those it does not ask for.
  public let promptPosition: Int?
  public let containerPart: ContainerPart?
  /// The option of the standalone script that replaces the value for one run.
  public let standaloneOption: String?
  /// Beginnings of values that the reference template itself once wrote and that must not be taken for a choice.
  public let supersededPrefixes: [String]

  /// Whether the value may name the release of Dioptra, alone or as an image's tag, and moves with it.
  public let followsRelease: Bool

  /// Whether data are made with the value: it stays when the deployment gets another prefix.
  public let staysWithData: Bool

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

  /// Checks a value and gives its canonical form.
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
