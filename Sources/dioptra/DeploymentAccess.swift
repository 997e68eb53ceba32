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

  /// - Parameter recovering: Whether a write to State that was cut off may be undone, as only commands that write do.
  init(in folder: ConfinedFolder, _ options: GlobalOptions, recovering: Bool = false) throws {
    registry = try ReferenceDeployment.registry()
    self.folder = folder
    file = try options.configurationFile(in: folder)
    state = try State(readingIn: folder, recovering: recovering)
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
  func engine() async throws -> any Engine {
    try await Platforms.standard.engine(for: deployment).engine
  }

  func services() async throws -> any RunningServices {
    try await engine().services(of: deployment, hiding: try secrets)
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
    guard try State(readingIn: folder, recovering: true) != nil else { throw options.notInitialized(folder) }
    lock = try FolderLock(in: folder, command: command, now: .now)
    state = try State(changingIn: folder, now: .now)
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
  /// The `dioptra.yaml` that it was read from.
  let configuration: String
  private let lock: FolderLock

  /// - Parameters:
  ///   - duringRestoration: Whether the command may be used while a deployment is restored by half.
  ///   - evenUnrecorded: Whether the command may be used where the folder cannot be written, and with a State that takes
  ///     nothing; see `State.recordingIfPossible`.
  ///   - evenCopy: Whether the command may be used in a copy of another deployment's folder: it only reads that.
  init(
    _ options: GlobalOptions, command: String, duringRestoration: Bool = false, evenUnrecorded: Bool = false,
    evenCopy: Bool = false
  ) throws {
    try self.init(
      folder: try options.deploymentFolder(), options, command: command, duringRestoration: duringRestoration,
      evenUnrecorded: evenUnrecorded, evenCopy: evenCopy)
  }

  init(
    folder: ConfinedFolder, _ options: GlobalOptions, command: String, duringRestoration: Bool = false,
    evenUnrecorded: Bool = false, evenCopy: Bool = false
  ) throws {
    let view = try DeploymentView(in: folder, options, recovering: true)
    if !duringRestoration { try view.folder.refuseUnfinishedRestoration() }
    guard let known = view.state else { throw options.notInitialized(view.folder) }
    self.folder = view.folder
    deployment = view.deployment
    configuration = view.file.text
    func ifPossible<Value>(_ body: () throws -> Value) throws -> Value? {
      do { return try body() } catch let error as DioptraError where evenUnrecorded && error.exitCode != .locked {
        return nil
      }
    }
    lock =
      try ifPossible { try FolderLock(in: folder, command: command, now: .now) } ?? FolderLock(lookingInto: folder)
    state = try ifPossible { try State(changingIn: folder, now: .now) } ?? known
    if !evenCopy, let error = try state.copyRefusal(in: folder) { throw error }
    _ = try ifPossible { try state.settle(in: folder, now: .now) }
  }

  func engine() async throws -> any Engine {
    try await Platforms.standard.engine(for: deployment).engine
  }

  /// The services, to be started and stopped.
  func lifecycle() async throws -> Lifecycle {
    try Lifecycle(of: deployment, in: folder, state, on: try await engine())
  }
}
