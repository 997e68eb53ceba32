public import DioptraSystem

/// How a platform writes a deployment down: the files that are its own, the names that it gives, and what messages call
/// it.
///
/// Components say what a deployment is; a dialect says the same to what runs it.
public protocol PlatformDialect: Sendable {
  var words: PlatformWords { get }

  // MARK: Names

  /// The name of a service of the running deployment, which others reach it by, too.
  ///
  /// - Parameter deployment: The prefix of all names of the deployment.
  func name(of service: ServiceName, in deployment: Text) -> Text

  /// A volume's name on the engine.
  func name(of volume: VolumeName, in deployment: Text) -> Text

  /// A network's name on the engine.
  func name(of network: Network, in deployment: Text) -> Text

  /// The environment variable that tells a container which accelerator is its own.
  func deviceVariable(of accelerator: Accelerator) -> String

  /// An image's name with all that the platform adds to a shorter one: a registry where it names none.
  func fullName(ofImage name: Text) -> Text

  // MARK: Files

  /// The files of the folder that the platform reads and no component contributes.
  ///
  /// - Parameter owner: The component whose files they count as.
  func files(for blueprint: Blueprint, in context: Context, owner: ComponentID) throws -> [FolderFile]

  /// The files that describe services, the user's own among them, in the order in which the platform reads them.
  var projectFiles: [String] { get }

  /// Whether the platform itself reads a file of the folder, and not a program in a container.
  func reads(_ path: String) -> Bool

  /// The settings without which a file that describes services lacks something; none of a text that is no such file.
  func neededSettings(in text: String) -> Set<String>

  /// What a folder's files say about the services that run.
  ///
  /// - Parameter bytes: What a path holds; nil where nothing is.
  func services(in bytes: (String) throws -> [UInt8]?) throws -> DescribedServices

  /// What a folder that something else made says about its services; nil for one that describes no deployment.
  ///
  /// - Parameter answer: What the platform itself says of the running services, all files merged, by their full names;
  ///   nil to read the user's own file, too.
  /// - Throws: `DioptraError` where a file cannot be understood.
  func referenceProject(in folder: ConfinedFolder, merged answer: [String: ReferenceService]?) throws
    -> ReferenceProject?
}

extension PlatformDialect {
  /// By default the name itself.
  public func fullName(ofImage name: Text) -> Text { name }
}

/// What messages call a platform.
public struct PlatformWords: Equatable, Sendable {
  /// What runs containers, as in "… is not installed on this host".
  public var engine: String
  /// What reads the deployment's files, as in "… puts nothing in its place".
  package var reader: String
  /// The same with its maker's name, where it is told for the first time.
  package var fullName: String
  /// The file that describes the services that run.
  public var file: String
  /// The file in which users say what is to be different.
  package var ownFile: String

  /// Why there is no engine to ask, for a sentence that ends here.
  package var engineIsMissing: String { "\(engine) is not installed on this host" }

  /// Needs words that fit into a sentence. `file` and `ownFile` are names of files.
  public init(engine: String, reader: String, fullName: String, file: String, ownFile: String) {
    self.engine = engine
    self.reader = reader
    self.fullName = fullName
    self.file = file
    self.ownFile = ownFile
  }
}

/// The services that run, as a folder's files describe them.
public struct DescribedServices: Sendable {
  /// The images, by service.
  public let images: [String: String]
  /// The volumes that the files declare.
  public let volumes: Set<String>
  /// All that a service's container is made of, by the name of the service.
  private let descriptions: [String: any Description]

  /// All that a container is made of. One that is made of something else is recreated.
  package protocol Description: Equatable, Sendable {}

  /// No services.
  public init() {
    self.init(images: [:], volumes: [], descriptions: [:])
  }

  package init(images: [String: String], volumes: Set<String>, descriptions: [String: any Description]) {
    self.images = images
    self.volumes = volumes
    self.descriptions = descriptions
  }

  /// The services whose containers are recreated when these become others, in order. New ones are not among them.
  package func recreated(by other: DescribedServices) -> [String] {
    descriptions.keys.sorted().filter { name in
      guard let old = descriptions[name], let new = other.descriptions[name] else { return false }
      return !old.isEqual(to: new)
    }
  }

  /// The services that are not among others, in order.
  package func gone(in other: DescribedServices) -> [String] {
    descriptions.keys.filter { other.descriptions[$0] == nil }.sorted()
  }
}

extension DescribedServices.Description {
  fileprivate func isEqual(to other: any DescribedServices.Description) -> Bool { other as? Self == self }
}

/// What a deployment is written in that nothing runs: the files of its components, and nothing else.
public struct PlainDialect: PlatformDialect {
  /// Words that name no product.
  public let words = PlatformWords(
    engine: "the container engine", reader: "the platform", fullName: "the platform", file: "services.yml",
    ownFile: "services.own.yml")

  /// There is nothing to choose.
  public init() {}

  /// The prefix and the name with a hyphen between them: `demo-restapi`.
  public func name(of service: ServiceName, in deployment: Text) -> Text { "\(deployment)-\(service.rawValue)" }
  /// The prefix and the name with an underscore between them: `demo_redis-data`.
  public func name(of volume: VolumeName, in deployment: Text) -> Text { "\(deployment)_\(volume.rawValue)" }
  /// The prefix and the name with an underscore between them: `demo_dioptra`.
  public func name(of network: Network, in deployment: Text) -> Text { "\(deployment)_\(network.name)" }
  /// The kind in upper case: `NVIDIA_DEVICES`.
  public func deviceVariable(of accelerator: Accelerator) -> String { "\(accelerator.kind.uppercased())_DEVICES" }
  /// None: there is no platform to read them.
  public func files(for blueprint: Blueprint, in context: Context, owner: ComponentID) -> [FolderFile] { [] }
  /// None.
  public var projectFiles: [String] { [] }
  /// Always false.
  public func reads(_ path: String) -> Bool { false }
  /// None.
  public func neededSettings(in text: String) -> Set<String> { [] }
  /// No services, whatever the files hold.
  public func services(in bytes: (String) throws -> [UInt8]?) -> DescribedServices { DescribedServices() }

  /// Always nil.
  public func referenceProject(
    in folder: ConfinedFolder, merged answer: [String: ReferenceService]?
  ) -> ReferenceProject? {
    nil
  }
}
