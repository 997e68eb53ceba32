public import DioptraSystem

/// A file below `envs/` that services load. It holds no secret and is safe to commit.
public struct EnvironmentFile: Codable, Equatable, Sendable {
  /// The path in the deployment folder.
  public var path: String
  /// The lines of the file, in this order.
  public var entries: [Entry]

  /// A line `NAME=value`.
  public struct Entry: Codable, Equatable, Sendable {
    /// The variable's name in the container: `AWS_CA_BUNDLE`.
    public var name: String
    /// A text without secrets. It is quoted where it takes that to be read back exactly.
    public var value: Text
    /// Whether the value stands between double quotes.
    package var isQuoted: Bool

    /// A line of the file; `quoted` puts the value between double quotes as it is.
    public init(_ name: String, _ value: Text, quoted: Bool = false) {
      self.name = name
      self.value = value
      self.isQuoted = quoted
    }
  }

  /// A file at a path of the deployment folder, such as `envs/ca-certificates.env`.
  public init(_ path: String, _ entries: [Entry]) {
    self.path = path
    self.entries = entries
  }
}

/// A line of the deployment's `.env`: a value, often secret, that services take by name.
public struct Setting: Codable, Equatable, Sendable {
  /// Its name in `.env`, which services refer to: `STORE_ROOT_USER`.
  public var name: String
  /// A text that may hold secrets. It is quoted where it takes that to be read back exactly.
  public var value: Text
  /// Where the line stands in the file: lower positions first, then in the order of the components.
  public var position: Int

  /// A line of `.env`; by default it stands behind all lines with a position below 1000.
  public init(_ name: String, _ value: Text, position: Int = 1000) {
    self.name = name
    self.value = value
    self.position = position
  }

  /// The file of all settings.
  package static let file = ".env"
}

extension EnvironmentFile: Contributed {
  /// What messages call such a value.
  public static let kind = "environment file"
  /// Its path, which no other file may have.
  public var names: [Reference] { [.environmentFile(path), .file(path)] }
  /// What the values name.
  public var references: [Reference] { entries.map(\.value).references }
  /// - Throws: `DioptraError` for a path that components may not write.
  public func check(owner: ComponentID) throws(DioptraError) { try FolderFile.check(path, owner: owner) }
}

extension Contribution {
  /// A file of environment variables for some services.
  public static func environmentFile(_ value: EnvironmentFile) -> Self { Self(value) }
}

extension Blueprint {
  /// Every file of environment variables, in the order of the components.
  public var environmentFiles: [Owned<EnvironmentFile>] { self[EnvironmentFile.self] }
}

extension Setting: Contributed {
  /// What messages call such a value.
  public static let kind = "setting"
  /// Its name, which no other setting may have.
  public var names: [Reference] { [.setting(name)] }
  /// What the value names.
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
