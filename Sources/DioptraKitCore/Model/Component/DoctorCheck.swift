public import DioptraSystem

/// One prerequisite of a deployment, and how to check it. Read-only.
public protocol DoctorCheck: Sendable {
  /// What is checked, for the first column of a table: "certificates".
  var title: String { get }

  /// Whether `init` refuses to touch the deployment's volumes while the check finds an error.
  var isGuard: Bool { get }

  /// Whether `status` shows what was found.
  var appearsInStatus: Bool { get }

  /// What was found; empty if the prerequisite does not concern this deployment.
  func findings(in context: CheckContext) async throws -> [CheckFinding]
}

extension DoctorCheck {
  /// By default false.
  public var isGuard: Bool { false }
  /// By default false.
  public var appearsInStatus: Bool { false }
}

/// What a component's check may inspect.
public struct CheckContext {
  /// The deployment folder.
  public let folder: ConfinedFolder
  /// The value of every variable.
  public let configuration: Configuration
  /// What all components contribute.
  public let blueprint: Blueprint
  /// The files of the folder as they should be.
  public let tree: RenderedTree
  /// The time to judge by, such as whether a certificate is still valid.
  public let now: Timestamp
  private let text: (Text) throws -> String
  private let success: (StepID, VolumeName) throws -> Timestamp?

  /// - Parameters:
  /// - text: Returns the characters of a text without secrets.
  /// - success: Returns when a step first succeeded on the volume that it last ran on.
  package init(
    folder: ConfinedFolder, configuration: Configuration, blueprint: Blueprint, tree: RenderedTree, now: Timestamp,
    text: @escaping (Text) throws -> String,
    success: @escaping (StepID, VolumeName) throws -> Timestamp?
  ) {
    self.folder = folder
    self.configuration = configuration
    self.blueprint = blueprint
    self.tree = tree
    self.now = now
    self.text = text
    self.success = success
  }

  /// When a step first succeeded on the volume that it last ran on; nil if it did not.
  public func firstSuccess(of step: StepID, on volume: VolumeName) throws -> Timestamp? { try success(step, volume) }

  /// The characters of a text without secrets.
  public func plainText(_ text: Text) throws -> String { try self.text(text) }
}

/// The result of checking one prerequisite.
public struct CheckFinding: Encodable, Equatable, Sendable {
  /// How serious a finding is.
  public enum Level: String, Codable, Sendable, Comparable {
    /// All is well.
    case ok
    /// Something to look after; `init` goes on.
    case warning
    /// Something to correct; that of a guard stops `init`.
    case error

    /// Whether the left one is less serious.
    public static func < (left: Self, right: Self) -> Bool {
      (left == .error ? 2 : left == .warning ? 1 : 0) < (right == .error ? 2 : right == .warning ? 1 : 0)
    }
  }

  package let level: Level
  /// What was found: one sentence without a full stop.
  public let state: String
  /// What to do, likewise; nil if there is no problem.
  public let remedy: Remedy?

  /// All is well; `state` says what was found.
  public static func ok(_ state: String) -> Self { Self(level: .ok, state: state, remedy: nil) }

  /// Something to look after; `init` goes on.
  public static func warning(_ state: String, remedy: Remedy) -> Self {
    Self(level: .warning, state: state, remedy: remedy)
  }

  /// Something to correct; that of a guard stops `init`.
  public static func error(_ state: String, remedy: Remedy) -> Self {
    Self(level: .error, state: state, remedy: remedy)
  }

  /// What keeps a check from being made is what it finds.
  package static func error(_ error: DioptraError) -> Self {
    Self(level: .error, state: error.problem, remedy: Remedy(joining: error.remedies))
  }

  private enum CodingKeys: CodingKey {
    case level, state, remedy, commands
  }

  /// Encodes the level and the state and, if there are any, the remedy's text and its commands.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(level, forKey: .level)
    try container.encode(state, forKey: .state)
    try container.encodeIfPresent(remedy?.text, forKey: .remedy)
    if let commands = remedy?.commands, !commands.isEmpty { try container.encode(commands, forKey: .commands) }
  }
}
