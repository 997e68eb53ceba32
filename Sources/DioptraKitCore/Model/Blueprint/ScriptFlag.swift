internal import DioptraSystem

/// An option of the standalone script that says what `dioptra.yaml` says already: the script refuses one that does not
/// agree with the files that it lies beside.
public struct ScriptFlag: Codable, Equatable, Sendable {
  public enum Form: Codable, Equatable, Sendable {
    /// A switch. `otherwise` completes "this folder is …" where it is off.
    case on(otherwise: String)
    /// One word of several. `kind` completes "there is no …".
    case choice([String], kind: String)
  }

  /// The option without its hyphens: `enable-web-ssl`.
  public var name: String
  /// The variable that it has to agree with.
  public var variable: VariableName
  /// The variable's value, or what it stands for where that is empty.
  public var value: Text
  public var form: Form
  public var help: String
  /// Files without which a switch that is on is of no use.
  public var files: [String]
  /// Completes "… is missing, but the …".
  public var purpose: String

  public init(
    _ name: String, agreesWith variable: VariableName, value: Text, _ form: Form, help: String, files: [String] = [],
    purpose: String = ""
  ) {
    self.name = name
    self.variable = variable
    self.value = value
    self.form = form
    self.help = help
    self.files = files
    self.purpose = purpose
  }
}

extension ScriptFlag: Contributed {
  public static let kind = "option of the standalone script"
  public var names: [Reference] { [Reference(Self.kind, name)] }
  public var references: [Reference] { [.variable(variable)] + value.references }
}

extension Contribution {
  /// An option of the standalone script that has to agree with `dioptra.yaml`.
  public static func scriptFlag(_ value: ScriptFlag) -> Self { Self(value) }
}

extension Blueprint {
  public var scriptFlags: [Owned<ScriptFlag>] { self[ScriptFlag.self] }
}
