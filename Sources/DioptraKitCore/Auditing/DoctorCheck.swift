/// One prerequisite of a deployment, and how one finds out whether it is met. It changes nothing.
public protocol DoctorCheck: Sendable {
  /// What is checked, as the first column of a table: "certificates".
  var title: String { get }

  /// Whether `init` refuses to touch the deployment's volumes while the check finds an error.
  var isGuard: Bool { get }

  /// Whether `status` shows what was found.
  var appearsInStatus: Bool { get }

  /// What was found; nothing for a prerequisite that does not concern this deployment.
  func findings(in scene: CheckScene) async throws -> [CheckFinding]
}

extension DoctorCheck {
  public var isGuard: Bool { false }
  public var appearsInStatus: Bool { false }
}

/// What a check may look at.
public struct CheckScene {
  public let folder: ConfinedFolder
  public let deployment: Deployment
  /// nil where nothing is remembered.
  public let state: State?
  /// What this host has to run containers with; nil where a check must do without.
  public let availability: DockerEngine.Availability?
  /// What Compose reads, or why it cannot; nil where there is no Compose, or a check must do without.
  public let project: Result<MergedProject, any Error>?
  public let now: Timestamp

  public init(
    folder: ConfinedFolder, deployment: Deployment, state: State? = nil,
    availability: DockerEngine.Availability? = nil, project: Result<MergedProject, any Error>? = nil, now: Timestamp
  ) {
    self.folder = folder
    self.deployment = deployment
    self.state = state
    self.availability = availability
    self.project = project
    self.now = now
  }

  /// What a command that looks at a deployment sees of it on this host.
  public static func looking(
    at deployment: Deployment, in folder: ConfinedFolder, state: State?, now: Timestamp
  ) async throws -> CheckScene {
    let docker = DockerCommand(for: deployment)
    let secrets = (try? state?.secretValues()) ?? SecretValues([:])
    async let availability = DockerEngine.find(docker)
    let project: Result<MergedProject, any Error>?
    do {
      project = try await MergedProject.read(by: docker, hiding: secrets).map { .success($0) }
    } catch {
      try Task.checkCancellation()
      project = .failure(error)
    }
    return CheckScene(
      folder: folder, deployment: deployment, state: state, availability: try await availability, project: project,
      now: now)
  }

  /// The engine, where there is one that can be used.
  public var engine: DockerEngine? {
    if case .usable(let engine) = availability { engine } else { nil }
  }

  /// When a step first succeeded on the volume that it last ran on; nil for one that did not.
  public func firstSuccess(of step: StepID, on volume: VolumeName) throws -> Timestamp? {
    try state?.firstSuccess(of: step, on: deployment.volumeName(volume))
  }

  public var blueprint: Blueprint { deployment.blueprint }
  public var context: Context { deployment.context }

  /// The characters of a text that holds no secret.
  public func words(_ text: Text) throws -> String {
    try deployment.words([text])[0]
  }
}

/// How one prerequisite stands.
public struct CheckFinding: Codable, Equatable, Sendable {
  public enum Level: String, Codable, Sendable, Comparable {
    case ok
    case warning
    case error

    public static func < (left: Self, right: Self) -> Bool {
      (left == .error ? 2 : left == .warning ? 1 : 0) < (right == .error ? 2 : right == .warning ? 1 : 0)
    }
  }

  public let level: Level
  /// How it stands: one sentence without a full stop.
  public let state: String
  /// What to do, likewise; nil when all is well.
  public let remedy: String?

  public static func ok(_ state: String) -> Self { Self(level: .ok, state: state, remedy: nil) }

  public static func warning(_ state: String, remedy: String) -> Self {
    Self(level: .warning, state: state, remedy: remedy)
  }

  public static func error(_ state: String, remedy: String) -> Self {
    Self(level: .error, state: state, remedy: remedy)
  }
}
