public import DioptraSystem

/// A file of the deployment folder.
public struct FolderFile: Codable, Equatable, Sendable {
  /// What a file holds, before secrets and addresses are filled in.
  public enum Content: Codable, Equatable, Sendable {
    case text(Text)
    /// The text as a Jinja2 template whose placeholders are its secrets.
    case jinja(Text)
    /// A template with the values that it alone knows; variables and the blueprint are known to all.
    case template(Template, [String: TemplateValue] = [:])
  }

  /// Who may read and run a file. The raw value is the mode in octal digits.
  public enum Permissions: String, Codable, Sendable {
    /// Everyone may read it.
    case plain = "0644"
    /// Everyone may read and run it.
    case executable = "0755"
    /// Only its owner may read it. A file with a secret must have these.
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
  /// A text, or a template with values of its own.
  public var content: Content
  /// The permissions of the file; `.secret` if the content holds a secret.
  public var permissions: Permissions
  /// For a Jinja2 template: the file that the folder's own generator makes of it, without this program.
  public var standaloneOutput: String?
  /// What a text is made of, for people; nil for one that its component wrote itself.
  package var madeFrom: String?

  /// A file that everyone may read, unless its permissions say otherwise.
  public init(
    _ path: String, _ content: Content, _ permissions: Permissions = .plain, standaloneOutput: String? = nil,
    madeFrom: String? = nil
  ) {
    self.path = path
    self.content = content
    self.permissions = permissions
    self.standaloneOutput = standaloneOutput
    self.madeFrom = madeFrom
  }
}

/// A pattern of the folder's ignore file.
public struct IgnorePattern: Codable, Equatable, Sendable {
  /// Why, for the reader of the file.
  public var reason: String
  package var patterns: [String]

  /// Patterns in git's notation, such as `/secrets/`, below a comment with the reason.
  public init(_ reason: String, _ patterns: [String]) {
    self.reason = reason
    self.patterns = patterns
  }
}

/// A line of the map in the folder's README.
public struct ReadmeRow: Codable, Equatable, Sendable {
  /// What the row is about: a path of the folder such as `ssl/`, or an address.
  public var path: String
  /// What is there, without a full stop: "The services".
  public var summary: String

  /// A row with the path in the first column and the summary in the second.
  public init(_ path: String, _ summary: String) {
    self.path = path
    self.summary = summary
  }
}

/// A value that the program generates once and keeps; every file that shows it is a projection.
public struct Secret: Codable, Equatable, Sendable {
  /// How a value is generated.
  public enum Form: Codable, Equatable, Sendable {
    /// Letters and digits, 26 to 40 of them.
    case password(length: Int)
    /// Random bytes in standard base64.
    case key(bytes: Int)
  }

  /// What texts refer to: `\(secret: "grafana_admin_password")`.
  public var name: SecretName
  /// What the secret gives access to.
  public var summary: String
  /// How the value is generated.
  public var form: Form

  /// A secret; by default a password of 32 letters and digits.
  public init(_ name: SecretName, _ summary: String, form: Form = .password(length: 32)) {
    self.name = name
    self.summary = summary
    self.form = form
  }
}

extension FolderFile.Content {
  /// What the content names; the values of a template among it, and not what its placeholders find by themselves.
  var references: [Reference] {
    switch self {
    case .text(let text), .jinja(let text): text.references
    case .template(_, let values): values.values.flatMap(\.references)
    }
  }
}

extension FolderFile: Contributed {
  /// What messages call such a value.
  public static let kind = "file"
  /// Its path, which no other file may have.
  public var names: [Reference] { [.file(path)] }
  /// What the content names.
  public var references: [Reference] { content.references }

  /// - Throws: `DioptraError` for a path that components may not write.
  public func check(owner: ComponentID) throws(DioptraError) { try Self.check(path, owner: owner) }

  /// Components write below the folder and nowhere else, and not into the program's own folder.
  static func check(_ path: String, owner: ComponentID) throws(DioptraError) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let isConfined = !parts.contains { $0.isEmpty || $0 == "." || $0 == ".." } && !path.utf8.contains(0)
    guard isConfined, parts.first != ".dioptra", path != ConfigurationFile.name else {
      throw DioptraError(
        .componentInvalid,
        "component '\(owner)' contributes the file \(path.quoted), which is not a path for components",
        remedy: "Use a path below the folder, without '.' and '..', outside .dioptra")
    }
  }
}

extension Contribution {
  /// A file of the folder.
  public static func file(_ value: FolderFile) -> Self { Self(value) }
}

extension Blueprint {
  /// Every file with a content of its own, in the order of the components: neither environment files nor scripts.
  public var files: [Owned<FolderFile>] { self[FolderFile.self] }

  /// The paths of the files with passwords, the shortest first.
  package var secretFiles: [String] {
    files.filter { $0.permissions == .secret }.map(\.path).sorted { $0.utf8.count < $1.utf8.count }
  }
}

extension IgnorePattern: Contributed {
  /// What messages call such a value.
  public static let kind = "pattern of files to ignore"
}

extension Contribution {
  /// Paths that version control must not see, or must see in spite of a wider pattern.
  public static func ignore(_ value: IgnorePattern) -> Self { Self(value) }
}

extension Blueprint {
  package var ignorePatterns: [Owned<IgnorePattern>] { self[IgnorePattern.self] }
}

extension ReadmeRow: Contributed {
  /// What messages call such a value.
  public static let kind = "row of the README"
}

extension Contribution {
  /// A line of the map in the folder's README.
  public static func readmeRow(_ value: ReadmeRow) -> Self { Self(value) }
}

extension Blueprint {
  /// The rows of the map, in the order of the components.
  public var readmeRows: [Owned<ReadmeRow>] { self[ReadmeRow.self] }
}

extension Secret: Contributed {
  /// What messages call such a value.
  public static let kind = "secret"
  /// Its name, which no other secret may have.
  public var names: [Reference] { [.secret(name)] }

  /// A password shorter than 26 letters and digits has less than 128 bits; longer ones than 40 some programs cut.
  public func check(owner: ComponentID) throws(DioptraError) {
    let (isGood, lengths) =
      switch form {
      case .password(let length): ((26...40).contains(length), "26 to 40 characters")
      case .key(let bytes): ((16...1024).contains(bytes), "16 to 1024 bytes")
      }
    guard !isGood else { return }
    throw DioptraError(
      .componentInvalid, "the secret '\(name)' of component '\(owner)' must have \(lengths)",
      remedy: "Correct its length")
  }
}

extension Contribution {
  /// A value without a user of its own, such as a key, or the password of an account in another system.
  public static func secret(_ value: Secret) -> Self { Self(value) }
}

extension Blueprint {
  /// Every secret of the deployment, in the order of the components.
  public var secrets: [Owned<Secret>] { self[Secret.self] }
}
