/// A program that is run on an engine: in a container of the deployment's, or in one of its own.
public struct Program: Equatable, Sendable {
  public enum Place: Equatable, Sendable {
    /// A container that runs, by the engine's name.
    case container(String)
    /// A container that sees some volumes and nothing else, no network either, and is gone with the program.
    case alone(Sandbox)
  }

  /// What a program sees that runs alone.
  public struct Sandbox: Equatable, Sendable {
    /// One that is there; it is not fetched.
    public let image: String
    public let mounts: [VolumeMount]
    /// Whether the program may do everything with the files in the volumes; otherwise it is whoever the image says.
    public let isRoot: Bool
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

/// Where a program sees a volume. A volume that is not there is made by that.
public struct VolumeMount: Equatable, Sendable {
  /// The engine's name.
  public let volume: String
  public let path: String
  public let isReadOnly: Bool

  public init(_ volume: String, at path: String, isReadOnly: Bool = true) {
    self.volume = volume
    self.path = path
    self.isReadOnly = isReadOnly
  }
}

/// How a program ended.
public struct ProgramOutcome: Equatable, Sendable {
  /// The exit status; 128 and the signal's number for one that was ended.
  public let status: Int32
  public let output: String
  public let errors: String
  /// Whether the engine got as far as to run the program.
  public let hasRun: Bool

  public init(status: Int32, output: String = "", errors: String = "", hasRun: Bool = true) {
    self.status = status
    self.output = output
    self.errors = errors
    self.hasRun = hasRun
  }

  public var succeeded: Bool { status == 0 }
}
