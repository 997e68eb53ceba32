public import DioptraModel
public import DioptraPlatform
public import DioptraRendering
public import DioptraState
public import DioptraSystem

/// A deployment opened for reading: no lock is taken and nothing is written.
public struct DeploymentView {
  public let registry: ComponentRegistry
  /// Its `dioptra.yaml`.
  public let file: ConfigurationFile
  public let folder: ConfinedFolder
  /// nil where nothing is recorded, such as in a fresh clone.
  public let state: State?
  /// The deployment as `dioptra.yaml` says it should be.
  public let deployment: Deployment

  /// - Throws: `DioptraError` for a configuration or a State that cannot be read.
  public init(of folder: ConfinedFolder, registry: ComponentRegistry) throws {
    try self.init(of: folder, registry: registry, recovering: false)
  }

  /// - Parameter recovering: Whether a write to State that was cut off may be undone, as only commands that write do.
  init(of folder: ConfinedFolder, registry: ComponentRegistry, recovering: Bool) throws {
    let state = try State(readingIn: folder, recovering: recovering)
    try self.init(of: folder, registry: registry, file: folder.configurationFile(), state: state)
  }

  /// - Parameters:
  ///   - file: What `dioptra.yaml` says, or what is taken of it.
  ///   - state: As far as it can be read.
  public init(of folder: ConfinedFolder, registry: ComponentRegistry, file: ConfigurationFile, state: State?) throws {
    let identity = Identity(deployment: try state?.deployment ?? Identity.unnamed, folder: folder.path)
    self.init(
      of: folder, registry: registry, file: file, state: state,
      as: try Deployment(
        registry: registry, file: file, identity: identity, secretVersions: try state?.secretVersions() ?? [:]))
  }

  /// - Parameter deployment: What is taken for the deployment, such as one without the values that cannot be.
  public init(
    of folder: ConfinedFolder, registry: ComponentRegistry, file: ConfigurationFile, state: State?,
    as deployment: Deployment
  ) {
    self.registry = registry
    self.folder = folder
    self.file = file
    self.state = state
    self.deployment = deployment
  }

  /// The deployment's secrets, with stand-ins for those that are yet to be generated.
  public var secrets: SecretValues {
    get throws {
      (try state?.secretValues() ?? SecretValues([:])).completed(for: deployment.blueprint.secrets.map(\.value))
    }
  }

  /// Why only an upgrade may change the deployment; nil where it is up to date.
  public func upgradeReason() throws -> String? {
    do {
      try state?.requireUpToDate(registry, for: deployment.configuration)
      return nil
    } catch let error as DioptraError {
      return error.problem
    }
  }

  /// The engine that the deployment runs on.
  ///
  /// - Throws: `DioptraError` where there is none.
  public func engine(on platform: any Platform) async throws -> any Engine {
    try await platform.engine(for: deployment).engine
  }

  /// The services of the deployment.
  public func services(on platform: any Platform) async throws -> any RunningServices {
    try await engine(on: platform).services(of: deployment, hiding: try secrets)
  }
}
