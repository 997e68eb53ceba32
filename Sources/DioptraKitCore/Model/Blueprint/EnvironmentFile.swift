internal import DioptraSystem

/// A file below `envs/` that services load. It holds no secret and is safe to commit.
public struct EnvironmentFile: Codable, Equatable, Sendable {
  /// The path in the deployment folder.
  public var path: String
  public var entries: [Entry]

  public struct Entry: Codable, Equatable, Sendable {
    public var name: String
    public var value: Text
    /// Whether the value stands between double quotes.
    public var isQuoted: Bool

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
