public import DioptraModel
public import DioptraPlatform
public import DioptraRendering
public import DioptraState
public import DioptraSystem

/// A prerequisite of the framework itself.
protocol HostCheck: Sendable {
  /// See `DoctorCheck`.
  var title: String { get }

  func findings(in host: HostContext) async throws -> [CheckFinding]
}

/// A deployment on this host, for commands that inspect it.
public struct HostContext {
  /// The deployment's folder.
  public let folder: ConfinedFolder
  /// The deployment as it should be.
  public let deployment: Deployment
  /// nil if there is no State.
  public let state: State?
  /// The host's engine; nil if a check must do without.
  public let availability: Availability?
  /// What the platform reads, or why it cannot; nil if no program that reads the files is installed, or a check must do
  /// without.
  public let project: Result<MergedProject, any Error>?
  /// The proxies that the engine's client gives to every container by itself; nil if it gives none.
  public let clientProxies: ClientProxies?
  /// The time that the checks compare with.
  public let now: Timestamp

  package init(
    folder: ConfinedFolder, deployment: Deployment, state: State? = nil,
    availability: Availability? = nil, project: Result<MergedProject, any Error>? = nil,
    clientProxies: ClientProxies? = nil, now: Timestamp
  ) {
    self.folder = folder
    self.deployment = deployment
    self.state = state
    self.availability = availability
    self.project = project
    self.clientProxies = clientProxies
    self.now = now
  }

  /// Collects what a command that inspects a deployment needs to know about the host.
  package static func looking(
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
      clientProxies: platform.clientProxies, now: now)
  }

  /// The engine, if there is a usable one.
  public var engine: (any Engine)? {
    if case .usable(let engine) = availability { engine } else { nil }
  }

  /// What the components contribute to the deployment.
  public var blueprint: Blueprint { deployment.blueprint }

  /// The context for the checks of components.
  var component: CheckContext {
    CheckContext(folder: folder, deployment: deployment, state: state, now: now)
  }
}

extension CheckContext {
  /// - Parameter state: nil if there is no State.
  package init(folder: ConfinedFolder, deployment: Deployment, state: State? = nil, now: Timestamp) {
    self.init(
      folder: folder, configuration: deployment.configuration, blueprint: deployment.blueprint, tree: deployment.tree,
      now: now,
      text: { try deployment.plainTexts([$0])[0] },
      success: { try state?.firstSuccess(of: $0, on: deployment.volumeName($1)) })
  }
}
