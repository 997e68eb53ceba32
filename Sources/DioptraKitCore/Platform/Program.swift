/// A program to run on an engine, in an existing container or in one of its own.
public struct Program: Equatable, Sendable {
  public enum Place: Equatable, Sendable {
    /// A running container, by the engine's name.
    case container(String)
    /// A container without network that sees only the given volumes, and is removed afterwards.
    case alone(Sandbox)
  }

  /// What a program in its own container sees.
  public struct Sandbox: Equatable, Sendable {
    /// An existing image; it is not pulled.
    public let image: String
    public let mounts: [VolumeMount]
    /// Whether the program runs as root; otherwise as the image's user.
    package let isRoot: Bool
    /// The id of the deployment that the container belongs to.
    public let deployment: String

    public init(image: String, mounts: [VolumeMount], isRoot: Bool, deployment: String) {
      self.image = image
      self.mounts = mounts
      self.isRoot = isRoot
      self.deployment = deployment
    }
  }

  /// The program and its arguments. They never hold a secret.
  public let arguments: [String]
  public let place: Place

  public init(_ arguments: [String], in place: Place) {
    self.arguments = arguments
    self.place = place
  }
}

/// Where a program sees a volume. A missing volume is created.
public struct VolumeMount: Equatable, Sendable {
  /// The engine's name.
  public let volume: String
  public let path: String
  package let isReadOnly: Bool

  public init(_ volume: String, at path: String, isReadOnly: Bool = true) {
    self.volume = volume
    self.path = path
    self.isReadOnly = isReadOnly
  }
}

/// How a program ended.
public struct ProgramOutcome: Equatable, Sendable {
  /// The exit status; 128 plus the signal's number for a program that was killed.
  public let status: Int32
  public let output: String
  package let errors: String
  /// Whether the engine got as far as running the program.
  package let hasRun: Bool

  public init(status: Int32, output: String = "", errors: String = "", hasRun: Bool = true) {
    self.status = status
    self.output = output
    self.errors = errors
    self.hasRun = hasRun
  }

  public var succeeded: Bool { status == 0 }
}
