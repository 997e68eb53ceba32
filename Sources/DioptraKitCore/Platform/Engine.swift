public import DioptraModel
public import DioptraRendering
internal import DioptraSystem

/// Runs a platform's containers: one engine, or several that act as one. Volumes, networks, images and containers have
/// the engine's own names.
///
/// Unless said otherwise, all members throw `DioptraError` if the engine does not answer, and `CancellationError`.
public protocol Engine: Sendable {
  /// The engine's unique id.
  var id: String { get }
  /// Its name with versions: `Docker 28.2.2 with Compose 2.26.1`.
  var summary: String { get }
  /// What manages the services of a project, for messages: `Compose`.
  var orchestrator: String { get }
  /// The available container runtimes: `runc`, `nvidia`.
  var runtimes: [String] { get }
  /// The folder of this host that contains images and volumes; nil if they are elsewhere.
  var dataFolder: String? { get }
  /// Whether the creation time of a volume never changes.
  var tellsCreation: Bool { get }

  // MARK: Projects

  /// The project of the deployment's services.
  func project() async throws -> String
  /// The same engine for another project.
  func working(in project: String) -> any Engine
  /// The same engine, run as a deployment's configuration says.
  func serving(_ deployment: Deployment) -> any Engine

  /// Runs the steps of a deployment's initialisation.
  func executor(for deployment: Deployment) -> any StepExecutor
  /// The services of the running deployment.
  ///
  /// - Parameter secrets: Removed from the services' output.
  func services(of deployment: Deployment, hiding secrets: SecretValues) -> any RunningServices

  // MARK: Volumes and networks

  /// The existing volumes among some.
  func volumes(_ names: [String]) async throws -> [String: VolumeFacts]
  /// Creates a deployment's volume, with its owner's id and a random instance id.
  func makeVolume(_ volume: VolumeName, of deployment: Deployment, in project: String) async throws
  /// Removes volumes.
  ///
  /// - Throws: `DioptraError`, also if one cannot be removed.
  func removeVolumes(_ names: [String]) async throws
  /// The total size of the deployment's volumes; nil if the engine does not report it within a few seconds.
  func volumeBytes(of deployment: Deployment) async throws -> Int?
  /// The names of all networks.
  func networks() async throws -> Set<String>
  /// Removes a network, unless something is attached to it.
  func removeNetwork(_ name: String) async throws

  // MARK: Images

  /// What the engine knows of its images, and how they go to files and come back.
  var images: any ImageStore { get }
  /// The missing images among some.
  func missing(_ images: [String]) async throws -> [String]
  /// Fetches an image, in one attempt; layers that the engine has are not fetched again.
  ///
  /// - Parameter watch: Receives the progress after each change, and whenever the engine says something.
  /// - Throws: `FetchFailure`; `CancellationError`.
  func fetch(_ image: String, watch: @escaping @Sendable (FetchProgress) -> Void) async throws
  /// Whether an image's registry has it.
  func canFetch(_ image: String) async throws -> Bool
  /// An immutable reference to an image; nil if there is none, or the image is missing.
  ///
  /// - Parameters:
  ///   - image: The name with a moving tag.
  ///   - container: A container that shows which image it was created from; nil for the newest image.
  func lastingName(of image: String, in container: String?) async throws -> String?

  // MARK: Containers

  /// The existing containers among some.
  ///
  /// - Parameter running: Whether to leave out those that do not run.
  func containers(_ selection: ContainerSelection, running: Bool) async throws -> [ContainerFacts]
  /// Whether a container can change the content of one of some volumes. A removed one cannot.
  func writes(_ container: String, to volumes: [String]) async throws -> Bool

  /// Runs a program until it ends.
  ///
  /// - Parameter seconds: The time limit, if any; when it is reached, the program is killed and `CancellationError` is
  ///   thrown.
  func run(_ program: Program, within seconds: Int?) async throws -> ProgramOutcome
  /// Runs a program and passes on its output. The outcome has no output.
  func run(_ program: Program, writing eachPiece: ([UInt8]) throws -> Void) async throws -> ProgramOutcome
  /// Runs a program and feeds its input.
  ///
  /// - Parameter nextPiece: nil at the end.
  func run(_ program: Program, reading nextPiece: () throws -> [UInt8]?) async throws -> ProgramOutcome

  /// The command, word by word, for something that is not dioptra's to do.
  func command(_ action: ManualAction) -> [String]
}

/// Selects containers.
public enum ContainerSelection: Equatable, Sendable {
  /// Those that use one of some volumes.
  case onVolumes([String])
  /// Those of the services of one project.
  case ofProject(String)
  /// Those of all services, in any project.
  case ofServices
}

/// What users do on an engine themselves.
public enum ManualAction: Equatable, Sendable {
  case stopContainer(String)
  case removeContainer(String)
  case removeProject(String)
  /// Removes the remains of a failed initialisation.
  case removeInitServices
  case removeVolume(String)
  /// All volumes with a deployment's id.
  case removeVolumes(ofDeployment: String)
  case showContainers(onVolume: String)
  /// An image from a file.
  case loadImage
  /// An image from its registry.
  case fetchImage(String)
  /// A login to the registry of an image.
  case logIn(image: String)
  /// Makes the engine trust the certificates of an authority for the registry of an image.
  case trustRegistry(of: String)
  /// What takes the engine's space.
  case showSpace
}
