/// A program to run on an engine, in an existing container or in one of its own.
public struct Program: Equatable, Sendable {
  /// Where a program runs.
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
    /// The volumes that the program sees, and where.
    public let mounts: [VolumeMount]
    /// Whether the program runs as root; otherwise as the image's user.
    package let isRoot: Bool
    /// The id of the deployment that the container belongs to.
    public let deployment: String

    /// - Parameters:
    ///   - image: An existing image.
    ///   - isRoot: Whether the program runs as root; otherwise as the image's user.
    ///   - deployment: The id of the deployment that the container belongs to.
    public init(image: String, mounts: [VolumeMount], isRoot: Bool, deployment: String) {
      self.image = image
      self.mounts = mounts
      self.isRoot = isRoot
      self.deployment = deployment
    }
  }

  /// The program and its arguments. They never hold a secret.
  public let arguments: [String]
  /// The container that the program runs in.
  public let place: Place

  /// - Parameter arguments: The program, then its arguments; none of them may be a secret.
  package init(_ arguments: [String], in place: Place) {
    self.arguments = arguments
    self.place = place
  }
}

/// Where a program sees a volume. A missing volume is created.
public struct VolumeMount: Equatable, Sendable {
  /// The engine's name.
  public let volume: String
  /// Absolute, in the container.
  public let path: String
  package let isReadOnly: Bool

  /// - Parameters:
  ///   - volume: The engine's name.
  ///   - path: Absolute, in the container.
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
  /// Standard output; empty if it was passed on piece by piece.
  public let output: String
  package let errors: String
  /// Whether the engine got as far as running the program.
  package let hasRun: Bool

  /// - Parameters:
  ///   - status: The exit status; 128 plus the signal's number for a program that was killed.
  ///   - output: Standard output.
  ///   - errors: Standard error.
  ///   - hasRun: Whether the engine got as far as running the program.
  package init(status: Int32, output: String = "", errors: String = "", hasRun: Bool = true) {
    self.status = status
    self.output = output
    self.errors = errors
    self.hasRun = hasRun
  }

  /// Whether the exit status is 0.
  public var succeeded: Bool { status == 0 }
}
