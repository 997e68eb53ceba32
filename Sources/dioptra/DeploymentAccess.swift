import DioptraKitCore
import Plugins

/// A deployment that a command looks at, as its `dioptra.yaml` says it should be.
struct DeploymentView {
  let registry: ComponentRegistry
  let file: ConfigurationFile
  let folder: ConfinedFolder
  /// nil where nothing is remembered, such as in a fresh clone.
  let state: State?
  let deployment: Deployment

  init(_ options: GlobalOptions) throws {
    try self.init(in: try options.deploymentFolder(), options)
  }

  init(in folder: ConfinedFolder, _ options: GlobalOptions) throws {
    registry = try ReferenceDeployment.registry()
    self.folder = folder
    file = try options.configurationFile(in: folder)
    state = try State(readingIn: folder)
    let identity = Identity(deployment: try state?.deployment ?? Identity.unnamed, folder: folder.path)
    deployment = try Deployment(
      registry: registry, file: file, identity: identity, secretVersions: try state?.secretVersions() ?? [:])
  }

  /// The deployment's secrets, with stand-ins for those that are yet to be generated.
  var secrets: SecretValues {
    get throws {
      (try state?.secretValues() ?? SecretValues([:])).completed(for: deployment.blueprint.secrets.map(\.value))
    }
  }

  /// Why only an upgrade may change the deployment; nil where it is up to date.
  func upgradeReason() throws -> String? {
    do {
      try state?.requireUpToDate(registry, for: deployment.configuration)
      return nil
    } catch let error as DioptraError {
      return error.problem
    }
  }

  /// The engine that the deployment runs on.
  func engine() async throws -> DockerEngine {
    try await DockerEngine.find(DockerCommand(for: deployment)).engine
  }

  func services() async throws -> RunningServices {
    RunningServices(of: deployment, on: try await engine(), secrets: try secrets)
  }
}

/// A deployment's folder and State that a command changes, whatever its configuration says; until it has ended, others
/// that do wait.
struct FolderHold {
  let folder: ConfinedFolder
  let state: State
  private let lock: FolderLock

  init(_ options: GlobalOptions, command: String) throws {
    folder = try options.deploymentFolder()
    try folder.refuseUnfinishedRestoration()
    guard let known = try State(readingIn: folder, recovering: true) else { throw options.notInitialized(folder) }
    lock = try FolderLock(in: folder, command: command, now: .now)
    state = try State(creatingIn: folder, deployment: try known.deployment, now: .now)
    try state.settle(in: folder, now: .now)
  }
}

extension GlobalOptions {
  /// Where there is no State, nothing but `init` has something to do.
  func notInitialized(_ folder: ConfinedFolder) -> DioptraError {
    DioptraError("\(folder.path) has not been initialised yet", remedy: "Run `dioptra init` there")
  }
}

/// A deployment that a command changes; until it has ended, others that do wait.
struct DeploymentHold {
  let folder: ConfinedFolder
  let state: State
  let deployment: Deployment
  private let lock: FolderLock

  /// - Parameter duringRestoration: Whether the command may be used while a deployment is restored by half.
  init(_ options: GlobalOptions, command: String, duringRestoration: Bool = false) throws {
    try self.init(
      folder: try options.deploymentFolder(), options, command: command, duringRestoration: duringRestoration)
  }

  init(
    folder: ConfinedFolder, _ options: GlobalOptions, command: String, duringRestoration: Bool = false
  ) throws {
    let view = try DeploymentView(in: folder, options)
    if !duringRestoration { try view.folder.refuseUnfinishedRestoration() }
    guard view.state != nil else {
      throw options.notInitialized(view.folder)
    }
    self.folder = view.folder
    lock = try FolderLock(in: folder, command: command, now: .now)
    state = try State(creatingIn: folder, deployment: view.deployment.context.identity.deployment, now: .now)
    try state.settle(in: folder, now: .now)
    deployment = view.deployment
  }

  func engine() async throws -> DockerEngine {
    try await DockerEngine.find(DockerCommand(for: deployment)).engine
  }

  /// The services, to be started and stopped.
  func lifecycle() async throws -> Lifecycle {
    try Lifecycle(of: deployment, in: folder, state, on: try await engine())
  }
}
