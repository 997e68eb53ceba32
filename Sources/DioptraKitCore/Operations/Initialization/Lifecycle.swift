public import DioptraModel
public import DioptraPlatform
public import DioptraRendering
public import DioptraState
public import DioptraSystem

/// Starting and stopping a deployment's services. Everything that does either goes through the guards here.
public struct Lifecycle {
  private let deployment: Deployment
  private let folder: ConfinedFolder
  private let state: State
  private let engine: any Engine
  private let guards: EngineGuards

  /// The services, to look at.
  public let services: any RunningServices

  /// - Parameter state: The holder of the lock gives the State that it opened for writing.
  public init(of deployment: Deployment, in folder: ConfinedFolder, _ state: State, on engine: any Engine) throws {
    self.deployment = deployment
    self.folder = folder
    self.state = state
    self.engine = engine
    guards = try state.guards(for: deployment, in: folder, on: engine)
    services = engine.services(of: deployment, hiding: try state.secretValues())
  }

  /// Looks whether the services may be started.
  ///
  /// - Parameter registry: Of files that its components do not render no steps are known.
  /// - Returns: The steps of initialisation that are due and whose effect the services will not see.
  /// - Throws: `Refusal`; `DioptraError` where volumes are missing that only initialisation fills.
  public func checkStart(_ registry: ComponentRegistry) async throws -> [InitPlan.Entry] {
    try FolderMarkers(in: folder, state: state).requireReadable()
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
    return plan.due.filter { $0.step.action != .stop && $0.step.action != .pull }
  }

  /// Makes the containers of all services, or of one, and starts them. Containers of services that are no more go.
  ///
  /// `checkStart` has let it through. What a dead run of initialisation left is ended first: it uses the same volumes.
  ///
  /// - Parameter recreated: Whether containers that have not changed are recreated, too.
  public func start(
    _ service: String? = nil, recreated: Bool = false, eachLine: @escaping @Sendable (String) -> Void
  ) async throws {
    try await Initialization(of: deployment, in: folder, on: engine).sweep()
    try await services.up(service, recreated: recreated, eachLine: eachLine)
  }

  /// Stops the services and removes their containers, in every project that they run in. Volumes stay.
  ///
  /// - Throws: `Refusal` where another folder's containers would go with them.
  public func stop(eachLine: @escaping @Sendable (String) -> Void) async throws {
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
  /// Whether a container is one of the running deployment's services.
  func isService(_ container: ContainerFacts) -> Bool {
    container.service?.hasPrefix("\(configuration.slug)-") == true
  }
}
