package import DioptraModel
public import DioptraPlatform
package import DioptraRendering
package import DioptraState
package import DioptraSystem

/// Starts and stops a deployment's services, always after checking the guards.
public struct Lifecycle {
  private let deployment: Deployment
  private let folder: ConfinedFolder
  private let state: State
  private let engine: any Engine
  private let guards: EngineGuards

  /// The services, for queries.
  public let services: any RunningServices

  /// - Parameter state: The State opened for writing, if the caller holds the lock.
  package init(of deployment: Deployment, in folder: ConfinedFolder, _ state: State, on engine: any Engine) throws {
    self.deployment = deployment
    self.folder = folder
    self.state = state
    self.engine = engine
    guards = try state.guards(for: deployment, in: folder, on: engine)
    services = engine.services(of: deployment, hiding: try state.secretValues())
  }

  /// Checks whether the services may be started.
  ///
  /// - Parameter registry: The steps of files that its components do not render are unknown.
  /// - Returns: The due steps of initialisation whose effect the services will lack.
  /// - Throws: `Refusal`; `DioptraError` if volumes are missing that only initialisation fills.
  package func checkStart(_ registry: ComponentRegistry) async throws -> [InitPlan.Entry] {
    try FolderMarkers(in: folder, state: state).requireReadable(by: deployment.dialect)
    try state.requireSameSlug(registry, as: deployment.configuration)
    try await guards.checkStart()
    guard try state.isRendered(by: registry) else { return [] }
    let initialization = Initialization(of: deployment, in: folder, on: engine)
    let plan = try await initialization.plan(state: state)
    if let step = plan.due.first(where: \.isOnMissingVolumes) {
      throw Refusal(
        DioptraError(
          .notInitialized, "the deployment is not initialised: \(step.step.title), \(step.reason?.description ?? "")",
          remedy: "Run \(dioptra: "init")"))
    }
    return plan.due.filter { $0.step.action != .stop && !$0.step.action.isFetch }
  }

  /// Creates and starts the containers of all services, or of one. Containers of removed services are deleted.
  ///
  /// Call `checkStart` first. The remains of an interrupted initialisation are removed first, since they use the same
  /// volumes.
  ///
  /// - Parameter recreated: Whether to recreate unchanged containers, too.
  package func start(
    _ service: String? = nil, recreated: Bool = false, eachLine: @escaping @Sendable (String) -> Void
  ) async throws {
    try await Initialization(of: deployment, in: folder, on: engine).sweep()
    try await services.up(service, recreated: recreated, eachLine: eachLine)
  }

  /// Stops the services and removes their containers, in every project that they run in. Volumes are kept.
  ///
  /// - Throws: `Refusal` if another folder's containers would be removed, too.
  package func stop(eachLine: @escaping @Sendable (String) -> Void) async throws {
    let found = try await engine.containers(.ofServices, running: false)
    let projects = Set(found.filter { guards.isOwn($0) && deployment.isService($0) }.compactMap(\.project))
    let named = try await engine.project()
    for project in projects.union([named]).sorted() {
      let engine = engine.working(in: project)
      try await state.guards(for: deployment, in: folder, on: engine).checkStop()
      try await engine.services(of: deployment, hiding: try state.secretValues()).down(eachLine: eachLine)
    }
  }
}

extension Deployment {
  /// Whether a container belongs to one of the running deployment's services.
  func isService(_ container: ContainerFacts) -> Bool {
    container.service?.hasPrefix(serviceName("")) == true
  }
}
