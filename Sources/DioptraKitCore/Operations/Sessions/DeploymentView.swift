public import DioptraModel
public import DioptraPlatform
public import DioptraRendering
public import DioptraState
public import DioptraSystem

/// A deployment opened for reading, without a lock.
public struct DeploymentView {
  /// The components that the program knows.
  public let registry: ComponentRegistry
  private let platform: any Platform
  /// Its `dioptra.yaml`.
  public let file: ConfigurationFile
  /// The deployment's folder.
  public let folder: ConfinedFolder
  /// nil if nothing is recorded, as in a fresh clone.
  public let state: State?
  /// The deployment as `dioptra.yaml` describes it.
  public let deployment: Deployment

  /// - Throws: `DioptraError` for an invalid configuration or an unreadable State.
  public init(of folder: ConfinedFolder, in context: OperationContext) throws {
    try self.init(of: folder, in: context, recovering: false)
  }

  /// - Parameter recovering: Whether an interrupted write to State may be rolled back, as only commands that write do.
  init(of folder: ConfinedFolder, in context: OperationContext, recovering: Bool) throws {
    let state = try State(readingIn: folder, recovering: recovering)
    try self.init(of: folder, in: context, file: folder.configurationFile(), state: state)
  }

  /// - Parameters:
  /// - file: The `dioptra.yaml` to use.
  /// - state: If readable.
  public init(of folder: ConfinedFolder, in context: OperationContext, file: ConfigurationFile, state: State?) throws {
    let identity = Identity(deployment: try state?.deployment ?? Identity.unnamed, folder: folder.path)
    self.init(
      of: folder, in: context, file: file, state: state,
      as: try Deployment(
        registry: context.registry, file: file, identity: identity, secretVersions: try state?.secretVersions() ?? [:]))
  }

  /// - Parameter deployment: The deployment to show, for example without invalid values.
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

  /// The deployment's secrets, with stand-ins for those that are not generated yet.
  public var secrets: SecretValues {
    get throws {
      (try state?.secretValues() ?? SecretValues([:])).completed(for: deployment.blueprint.secrets.map(\.value))
    }
  }

  /// Why only `upgrade` may change the deployment; nil if it is up to date.
  public func upgradeReason() throws -> String? {
    do {
      try state?.requireUpToDate(registry, for: deployment.configuration)
      return nil
    } catch let error as DioptraError {
      return error.problem
    }
  }

  /// The engine, or why there is none.
  public func availability() async throws -> Availability { try await platform.engine(for: deployment) }

  /// The engine that the deployment runs on.
  ///
  /// - Throws: `DioptraError` if there is none.
  public func engine() async throws -> any Engine { try await availability().engine }

  /// The services of the deployment.
  public func services() async throws -> any RunningServices {
    try await engine().services(of: deployment, hiding: try secrets)
  }

  /// How the platform reads the folder; nil if no program that reads the files is installed.
  public func project() async throws -> MergedProject? {
    try await platform.project(of: deployment, hiding: (try? secrets) ?? SecretValues([:]))
  }
}
