internal import DioptraSystem

/// A file of the deployment folder.
public struct FolderFile: Codable, Equatable, Sendable {
  public enum Content: Codable, Equatable, Sendable {
    case text(Text)
    /// The text as a Jinja2 template whose placeholders are its secrets.
    case jinja(Text)
    /// A template with the values that it alone knows; variables and the blueprint are known to all.
    case template(Template, [String: TemplateValue] = [:])
    /// Written from the whole blueprint.
    case document(Document)
  }

  /// A file that is made of what all components contributed.
  public enum Document: String, Codable, Sendable {
    /// The services of the running deployment.
    case compose
    /// The services that initialise it.
    case composeInit
    /// The settings with their values.
    case settings
    /// The settings as a Jinja2 template of the secrets.
    case settingsTemplate
  }

  public enum Permissions: String, Codable, Sendable {
    case plain = "0644"
    case executable = "0755"
    case secret = "0600"

    /// The mode of a new file.
    public var mode: UInt32 {
      switch self {
      case .plain: 0o644
      case .executable: 0o755
      case .secret: 0o600
      }
    }
  }

  /// Relative to the folder, without `.` and `..`.
  public var path: String
  public var content: Content
  public var permissions: Permissions
  /// For a Jinja2 template: the file that the folder's own generator makes of it, without this program.
  public var standaloneOutput: String?

  public init(
    _ path: String, _ content: Content, _ permissions: Permissions = .plain, standaloneOutput: String? = nil
  ) {
    self.path = path
    self.content = content
    self.permissions = permissions
    self.standaloneOutput = standaloneOutput
  }
}

/// A pattern of the folder's ignore file.
public struct IgnorePattern: Codable, Equatable, Sendable {
  /// Why, for the reader of the file.
  public var reason: String
  public var patterns: [String]

  public init(_ reason: String, _ patterns: [String]) {
    self.reason = reason
    self.patterns = patterns
  }
}

/// A line of the map in the folder's README.
public struct ReadmeRow: Codable, Equatable, Sendable {
  public var path: String
  public var summary: String

  public init(_ path: String, _ summary: String) {
    self.path = path
    self.summary = summary
  }
}

/// A value that the program generates once and keeps; every file that shows it is a projection.
public struct Secret: Codable, Equatable, Sendable {
  public enum Form: Codable, Equatable, Sendable {
    /// Letters and digits, 26 to 40 of them.
    case password(length: Int)
    /// Random bytes in standard base64.
    case key(bytes: Int)
  }

  public var name: SecretName
  /// What the secret opens, for people.
  public var summary: String
  public var form: Form

  public init(_ name: SecretName, _ summary: String, form: Form = .password(length: 32)) {
    self.name = name
    self.summary = summary
    self.form = form
  }
}
