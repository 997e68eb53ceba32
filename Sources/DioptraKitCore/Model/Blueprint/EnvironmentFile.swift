public import DioptraSystem

/// A file below `envs/` that services load. It holds no secret and is safe to commit.
public struct EnvironmentFile: Codable, Equatable, Sendable {
  /// The path in the deployment folder.
  public var path: String
  public var entries: [Entry]

  public struct Entry: Codable, Equatable, Sendable {
    public var name: String
    public var value: Text
    /// Whether the value stands between double quotes.
    package var isQuoted: Bool

    public init(_ name: String, _ value: Text, quoted: Bool = false) {
      self.name = name
      self.value = value
      self.isQuoted = quoted
    }
  }

  public init(_ path: String, _ entries: [Entry]) {
    self.path = path
    self.entries = entries
  }
}

/// A line of the deployment's `.env`: a value, often secret, that services take by name.
public struct Setting: Codable, Equatable, Sendable {
  public var name: String
  public var value: Text
  /// Where the line stands in the file: lower positions first, then in the order of the components.
  public var position: Int

  public init(_ name: String, _ value: Text, position: Int = 1000) {
    self.name = name
    self.value = value
    self.position = position
  }

  /// The file of all settings.
  package static let file = ".env"
}

extension EnvironmentFile: Contributed {
  public static let kind = "environment file"
  public var names: [Reference] { [.environmentFile(path), .file(path)] }
  public var references: [Reference] { entries.map(\.value).references }
  public func check(owner: ComponentID) throws(DioptraError) { try FolderFile.check(path, owner: owner) }
}

extension Contribution {
  /// A file of environment variables for some services.
  public static func environmentFile(_ value: EnvironmentFile) -> Self { Self(value) }
}

extension Blueprint {
  public var environmentFiles: [Owned<EnvironmentFile>] { self[EnvironmentFile.self] }
}

extension Setting: Contributed {
  public static let kind = "setting"
  public var names: [Reference] { [.setting(name)] }
  public var references: [Reference] { value.references }
}

extension Contribution {
  /// A value of the folder's `.env`.
  public static func setting(_ value: Setting) -> Self { Self(value) }
}

extension Blueprint {
  /// In the order of the file.
  public var settings: [Owned<Setting>] { self[Setting.self].sorted { $0.position < $1.position } }
}
