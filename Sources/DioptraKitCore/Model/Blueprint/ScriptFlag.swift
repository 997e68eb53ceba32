internal import DioptraSystem

/// An option of the standalone script that repeats a choice of `dioptra.yaml`. The script refuses a value that does not
/// agree with its folder.
public struct ScriptFlag: Codable, Equatable, Sendable {
  /// What the option takes.
  public enum Form: Codable, Equatable, Sendable {
    /// A switch. `otherwise` completes "this folder is …" where it is off.
    case on(otherwise: String)
    /// One of several values. `kind` completes "there is no …".
    case choice([String], kind: String)
  }

  /// The option without its hyphens: `enable-web-ssl`.
  public var name: String
  /// The variable that it must agree with.
  public var variable: VariableName
  /// The variable's value, or the value that it stands for if empty.
  public var value: Text
  /// Whether the option is a switch or takes a value.
  public var form: Form
  /// What the option does, for `--help`, without a full stop: "Serve HTTPS".
  public var help: String
  /// Files that are required if a switch is on.
  public var files: [String]
  /// Completes "… is missing, but the …".
  public var purpose: String

  /// An option, and the variable that it must agree with. `files` and `purpose` are for switches.
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
  /// What messages call such a value.
  public static let kind = "option of the standalone script"
  /// Its name, which no other option of the script may have.
  public var names: [Reference] { [Reference(Self.kind, name)] }
  /// The variable, and what the value names.
  public var references: [Reference] { [.variable(variable)] + value.references }
}

extension Contribution {
  /// An option of the standalone script that must agree with `dioptra.yaml`.
  public static func scriptFlag(_ value: ScriptFlag) -> Self { Self(value) }
}

extension Blueprint {
  package var scriptFlags: [Owned<ScriptFlag>] { self[ScriptFlag.self] }
}
