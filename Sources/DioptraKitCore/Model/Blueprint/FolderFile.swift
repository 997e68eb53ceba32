public import DioptraSystem

/// A file of the deployment folder.
public struct FolderFile: Codable, Equatable, Sendable {
  public enum Content: Codable, Equatable, Sendable {
    case text(Text)
    /// The text as a Jinja2 template whose placeholders are its secrets.
    case jinja(Text)
    /// A template with the values that it alone knows; variables and the blueprint are known to all.
    case template(Template, [String: TemplateValue] = [:])
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
  /// What a text is made of, for people; nil for one that its component wrote itself.
  package var madeFrom: String?

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
  /// What the secret gives access to.
  public var summary: String
  public var form: Form

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
  public static let kind = "file"
  public var names: [Reference] { [.file(path)] }
  public var references: [Reference] { content.references }

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
  public var files: [Owned<FolderFile>] { self[FolderFile.self] }

  /// The paths of the files with passwords, the shortest first.
  package var secretFiles: [String] {
    files.filter { $0.permissions == .secret }.map(\.path).sorted { $0.utf8.count < $1.utf8.count }
  }
}

extension IgnorePattern: Contributed {
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
  public static let kind = "row of the README"
}

extension Contribution {
  /// A line of the map in the folder's README.
  public static func readmeRow(_ value: ReadmeRow) -> Self { Self(value) }
}

extension Blueprint {
  public var readmeRows: [Owned<ReadmeRow>] { self[ReadmeRow.self] }
}

extension Secret: Contributed {
  public static let kind = "secret"
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
  /// A value without a user, only for machines.
  public static func secret(_ value: Secret) -> Self { Self(value) }
}

extension Blueprint {
  public var secrets: [Owned<Secret>] { self[Secret.self] }
}
