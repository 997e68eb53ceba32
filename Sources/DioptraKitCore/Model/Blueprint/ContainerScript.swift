internal import DioptraSystem

/// A script for containers: options and a body.
///
/// It is rendered as `<name>.m4`, a template for argbash, and `<name>.sh`, the generated script that runs. Both have
/// the same body.
public struct ContainerScript: Codable, Equatable, Sendable {
  /// Something that the script takes. The body finds it in `_arg_<name>`, with `_` for each `-`: a value as it is, a
  /// flag as `on` or `off`, further arguments as an array.
  public enum Option: Codable, Equatable, Sendable {
    /// `--name VALUE`
    case value(String, help: String, default: String, short: String? = nil)
    /// `--name` and `--no-name`; off unless given.
    case flag(String, help: String, short: String? = nil)
    /// One required positional argument.
    case positional(String, help: String)
    /// At least `minimum` positional arguments; must be declared last.
    case positionals(String, help: String, minimum: Int)
    /// An environment variable that the body reads.
    case environment(String, help: String)
  }

  /// The file's name without extension.
  public var name: String
  /// What the script does, in one sentence, for `--help`.
  public var summary: String
  /// What the script takes besides `--help`; positional arguments in the order in which they are given.
  public var options: [Option]
  /// The Bash code that runs once the options are read. It ends with a newline.
  public var body: FolderFile.Content
  /// Whether the argbash template is executable too, as in the reference.
  package var isTemplateExecutable: Bool

  /// A script in `scripts/`; `templateExecutable` makes its `.m4` executable, too.
  public init(
    _ name: String, _ summary: String, options: [Option], body: FolderFile.Content, templateExecutable: Bool = false
  ) {
    self.name = name
    self.summary = summary
    self.options = options
    self.body = body
    self.isTemplateExecutable = templateExecutable
  }
}

extension ContainerScript: Contributed {
  /// What messages call such a value.
  public static let kind = "script"
  /// The paths of both files that it becomes.
  public var names: [Reference] { paths.map { .file($0) } }
  /// What the body names.
  public var references: [Reference] { body.references }
}

extension Contribution {
  /// A script that runs inside a container.
  public static func script(_ value: ContainerScript) -> Self { Self(value) }
}

extension Blueprint {
  /// Every script for containers, in the order of the components.
  public var scripts: [Owned<ContainerScript>] { self[ContainerScript.self] }
}
