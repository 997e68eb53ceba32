public import DioptraModel
public import DioptraPlatform
public import DioptraRendering
public import DioptraState
public import DioptraSystem

/// A deployment opened for reading: no lock is taken and nothing is written.
public struct DeploymentView {
  public let registry: ComponentRegistry
  private let platform: any Platform
  /// Its `dioptra.yaml`.
  public let file: ConfigurationFile
  public let folder: ConfinedFolder
  /// nil where nothing is recorded, such as in a fresh clone.
  public let state: State?
  /// The deployment as `dioptra.yaml` says it should be.
  public let deployment: Deployment

  /// - Throws: `DioptraError` for a configuration or a State that cannot be read.
  public init(of folder: ConfinedFolder, in context: OperationContext) throws {
    try self.init(of: folder, in: context, recovering: false)
  }

  /// - Parameter recovering: Whether a write to State that was cut off may be undone, as only commands that write do.
  init(of folder: ConfinedFolder, in context: OperationContext, recovering: Bool) throws {
    let state = try State(readingIn: folder, recovering: recovering)
    try self.init(of: folder, in: context, file: folder.configurationFile(), state: state)
  }

  /// - Parameters:
  ///   - file: What `dioptra.yaml` says, or what is taken of it.
  ///   - state: As far as it can be read.
  public init(of folder: ConfinedFolder, in context: OperationContext, file: ConfigurationFile, state: State?) throws {
    let identity = Identity(deployment: try state?.deployment ?? Identity.unnamed, folder: folder.path)
    self.init(
      of: folder, in: context, file: file, state: state,
      as: try Deployment(
        registry: context.registry, file: file, identity: identity, secretVersions: try state?.secretVersions() ?? [:]))
  }

  /// - Parameter deployment: What is taken for the deployment, such as one without the values that cannot be.
  public init(
    of folder: ConfinedFolder, in context: OperationContext, file: ConfigurationFile, state: State?,
    as deployment: Deployment
  ) {
    registry = context.registry
    platform = context.platform
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

  /// What there is to run the deployment on.
  public func availability() async throws -> Availability { try await platform.engine(for: deployment) }

  /// The engine that the deployment runs on.
  ///
  /// - Throws: `DioptraError` where there is none.
  public func engine() async throws -> any Engine { try await availability().engine }

  /// The services of the deployment.
  public func services() async throws -> any RunningServices {
    try await engine().services(of: deployment, hiding: try secrets)
  }

  /// What the platform itself reads in the folder; nil where nothing is installed that reads the files.
  public func project() async throws -> MergedProject? {
    try await platform.project(of: deployment, hiding: (try? secrets) ?? SecretValues([:]))
  }
}
