public import DioptraModel
public import DioptraPlatform
public import DioptraRendering
public import DioptraState
public import DioptraSystem

/// A prerequisite that the framework itself has, whatever the components are.
protocol HostCheck: Sendable {
  /// See `DoctorCheck`.
  var title: String { get }

  func findings(in host: HostContext) async throws -> [CheckFinding]
}

/// A deployment on this host, as the commands that look at it see it.
public struct HostContext {
  public let folder: ConfinedFolder
  public let deployment: Deployment
  /// nil where nothing is remembered.
  public let state: State?
  /// What this host has to run containers with; nil where a check must do without.
  public let availability: Availability?
  /// What the platform reads, or why it cannot; nil where nothing is installed that reads the files, or a check must do
  /// without.
  public let project: Result<MergedProject, any Error>?
  public let now: Timestamp

  public init(
    folder: ConfinedFolder, deployment: Deployment, state: State? = nil,
    availability: Availability? = nil, project: Result<MergedProject, any Error>? = nil, now: Timestamp
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
    at deployment: Deployment, on platform: any Platform, in folder: ConfinedFolder, state: State?, now: Timestamp
  ) async throws -> HostContext {
    let secrets = (try? state?.secretValues()) ?? SecretValues([:])
    async let availability = platform.engine(for: deployment)
    let project: Result<MergedProject, any Error>?
    do {
      project = try await platform.project(of: deployment, hiding: secrets).map { .success($0) }
    } catch {
      try Task.checkCancellation()
      project = .failure(error)
    }
    return HostContext(
      folder: folder, deployment: deployment, state: state, availability: try await availability, project: project,
      now: now)
  }

  /// The engine, where there is one that can be used.
  public var engine: (any Engine)? {
    if case .usable(let engine) = availability { engine } else { nil }
  }

  public var blueprint: Blueprint { deployment.blueprint }

  /// What the checks of components see of it.
  var component: CheckContext {
    CheckContext(folder: folder, deployment: deployment, state: state, now: now)
  }
}

extension CheckContext {
  /// - Parameter state: nil where nothing is remembered.
  package init(folder: ConfinedFolder, deployment: Deployment, state: State? = nil, now: Timestamp) {
    self.init(
      folder: folder, configuration: deployment.configuration, blueprint: deployment.blueprint, tree: deployment.tree,
      now: now,
      text: { try deployment.plainTexts([$0])[0] },
      success: { try state?.firstSuccess(of: $0, on: deployment.volumeName($1)) })
  }
}
