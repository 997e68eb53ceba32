public import DioptraModel
public import DioptraRendering
internal import DioptraSystem

/// What a platform runs containers with: one engine, or several that act as one. Volumes, networks, images and containers
/// are known by the engine's own names for them.
///
/// All that is asked throws `DioptraError` where the engine does not answer, and `CancellationError`.
public protocol Engine: Sendable {
  /// The engine's own name for itself, which no other engine has.
  var id: String { get }
  /// What it is, with versions: `Docker 28.2.2 with Compose 2.26.1`.
  var summary: String { get }
  /// What keeps the services of a project together, as messages name it: `Compose`.
  var orchestrator: String { get }
  /// The runtimes that containers can have: `runc`, `nvidia`.
  var runtimes: [String] { get }
  /// The folder of this host that images and volumes are kept in; nil where they are elsewhere.
  var dataFolder: String? { get }
  /// Whether the time at which a volume was made stays what it is.
  var tellsCreation: Bool { get }

  // MARK: Projects

  /// The name that the deployment's services are kept together under.
  func project() async throws -> String
  /// The same engine with the services of another project.
  func working(in project: String) -> any Engine
  /// The same engine, called as a deployment's configuration says.
  func serving(_ deployment: Deployment) -> any Engine

  /// What runs the steps of a deployment's initialisation.
  func executor(for deployment: Deployment) -> any StepExecutor
  /// The services of the running deployment.
  ///
  /// - Parameter secrets: They are in nothing that the services say.
  func services(of deployment: Deployment, hiding secrets: SecretValues) -> any RunningServices

  // MARK: Volumes and networks

  /// Those of some volumes that exist.
  func volumes(_ names: [String]) async throws -> [String: VolumeFacts]
  /// Makes a volume of a deployment's, with its owner's id and a mark of its own.
  func makeVolume(_ volume: VolumeName, of deployment: Deployment, in project: String) async throws
  func removeVolumes(_ names: [String]) async throws
  /// The bytes that the deployment's volumes take; nil when the engine does not tell within a few seconds.
  func volumeBytes(of deployment: Deployment) async throws -> Int?
  /// The names of all networks.
  func networks() async throws -> Set<String>
  /// Removes a network. One that something is attached to stays.
  func removeNetwork(_ name: String) async throws

  // MARK: Images

  /// Those of some images that the engine does not have.
  func missing(_ images: [String]) async throws -> [String]
  /// Whether an image's registry has it.
  func canFetch(_ image: String) async throws -> Bool
  /// A name under which an image stays what it is; nil where it has none, or is not there.
  ///
  /// - Parameters:
  ///   - image: The name with a tag that moves.
  ///   - container: One that was made of it and shows which image it was; nil for the newest.
  func lastingName(of image: String, in container: String?) async throws -> String?

  // MARK: Containers

  func containers(_ selection: ContainerSelection, running: Bool) async throws -> [ContainerFacts]
  /// Whether a container can change what is in one of some volumes. One that is gone cannot.
  func writes(_ container: String, to volumes: [String]) async throws -> Bool

  /// Runs a program to its end.
  ///
  /// - Parameter seconds: The time that it has, if it is limited; when it is over, the program is ended and
  ///   `CancellationError` is thrown.
  func run(_ program: Program, within seconds: Int?) async throws -> ProgramOutcome
  /// Runs a program and hands over what it writes. The outcome has no output.
  func run(_ program: Program, writing eachPiece: ([UInt8]) throws -> Void) async throws -> ProgramOutcome
  /// Runs a program and gives it what it reads.
  ///
  /// - Parameter nextPiece: nil at the end.
  func run(_ program: Program, reading nextPiece: () throws -> [UInt8]?) async throws -> ProgramOutcome

  /// The command, word by word, for something that is not dioptra's to do.
  func command(_ action: ManualAction) -> [String]
}

/// Which containers are meant.
public enum ContainerSelection: Equatable, Sendable {
  /// Those that use one of some volumes.
  case onVolumes([String])
  /// Those of the services that are kept together under one name.
  case ofProject(String)
  /// Those of all services, whatever their project.
  case ofServices
}

/// What people do on an engine themselves.
public enum ManualAction: Equatable, Sendable {
  case stopContainer(String)
  case removeContainer(String)
  case removeProject(String)
  /// What an initialisation left that failed.
  case removeInitServices
  case removeVolume(String)
  /// All volumes that carry a deployment's id.
  case removeVolumes(ofDeployment: String)
  case showContainers(onVolume: String)
  /// An image that comes as a file.
  case loadImage
}
