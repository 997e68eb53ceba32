internal import DioptraSystem

/// A container: what runs in it, what it is connected to, and how to check its health.
public struct Service: Codable, Equatable, Sendable {
  /// The name without the deployment's slug.
  public var name: ServiceName
  /// What the service is, for the reader of the generated file.
  public var summary: String
  /// The image with its tag or digest; usually the value of a variable of the type `image`.
  public var image: Text
  /// The user inside the container; nil for the image's own.
  public var user: String?
  /// Replaces the image's entry point.
  public var entrypoint: [Text]?
  /// The arguments in place of the image's own; empty to keep those.
  public var command: [Text]
  /// Read in this order, later files win; `environment` wins over all.
  public var environmentFiles: [String]
  /// Variables of this service alone: texts without secrets, and settings.
  public var environment: [EnvironmentVariable]
  /// What the container sees of volumes, the deployment folder and the host.
  public var mounts: [Mount]
  /// The ports of the host that lead into the container.
  public var ports: [PublishedPort]
  /// How to check that the service works. The conformance suite expects it of every service but init services.
  public var healthCheck: HealthCheck?
  /// Bytes of memory that the container's processes can share; nil for the engine's default.
  public var sharedMemory: Int?
  /// The processor that the container gets for itself.
  public var accelerator: Accelerator?
  /// Where the service looks for the user's data; nil when it has no use for them.
  public var dataPath: String?
  /// What the container reaches through the network.
  public var connection: Connection
  /// Whether it makes connections to the world outside, through the user's proxy or that of the engine's client.
  public var reachesOut: Bool

  /// What a container reaches through the network.
  public enum Connection: String, Codable, Sendable {
    /// The other services, and they it.
    case deployment
    /// The world outside, and no other container.
    case outside
    /// Nothing.
    case none
  }

  /// A service; all that has a default is optional.
  public init(
    _ name: ServiceName, _ summary: String, image: Text, user: String? = nil, entrypoint: [Text]? = nil,
    command: [Text] = [], environmentFiles: [String] = [], environment: [EnvironmentVariable] = [],
    mounts: [Mount] = [], ports: [PublishedPort] = [], healthCheck: HealthCheck? = nil, sharedMemory: Int? = nil,
    accelerator: Accelerator? = nil, dataPath: String? = nil, connection: Connection = .deployment,
    reachesOut: Bool = false
  ) {
    self.name = name
    self.summary = summary
    self.image = image
    self.user = user
    self.entrypoint = entrypoint
    self.command = command
    self.environmentFiles = environmentFiles
    self.environment = environment
    self.mounts = mounts
    self.ports = ports
    self.healthCheck = healthCheck
    self.sharedMemory = sharedMemory
    self.accelerator = accelerator
    self.dataPath = dataPath
    self.connection = connection
    self.reachesOut = reachesOut
  }
}

/// A variable of a container's environment.
public struct EnvironmentVariable: Codable, Equatable, Sendable {
  /// Where a variable's value comes from.
  public enum Value: Codable, Equatable, Sendable {
    /// A text without secrets.
    case text(Text)
    /// The value of an entry of the deployment's settings, which may hold secrets.
    case setting(String)
  }

  /// The variable's name in the container.
  public var name: String
  /// A text, or the name of a setting.
  public var value: Value

  /// A variable with a text that holds no secret.
  public static func text(_ name: String, _ text: Text) -> Self {
    Self(name: name, value: .text(text))
  }

  /// A variable with the value of a setting; of the setting of the same name unless another is given.
  public static func setting(_ name: String, from setting: String? = nil) -> Self {
    Self(name: name, value: .setting(setting ?? name))
  }
}

/// Something that a container sees in its file system.
public struct Mount: Codable, Equatable, Sendable {
  /// What is mounted.
  public enum Source: Codable, Equatable, Sendable {
    /// A volume of the deployment.
    case volume(VolumeName)
    /// A path of the deployment folder.
    case folder(String)
    /// An absolute path of the host.
    case host(Text)
  }

  /// What the container sees at `target`.
  public var source: Source
  /// The path inside the container.
  public var target: String
  package var isReadOnly: Bool

  /// A volume, writable unless `readOnly` is true.
  public static func volume(_ name: VolumeName, at target: String, readOnly: Bool = false) -> Self {
    Self(source: .volume(name), target: target, isReadOnly: readOnly)
  }

  /// A file or folder of the deployment folder, read-only. `path` is relative to that folder.
  public static func folder(_ path: String, at target: String) -> Self {
    Self(source: .folder(path), target: target, isReadOnly: true)
  }

  /// An absolute path of the host, read-only.
  public static func host(_ path: Text, at target: String) -> Self {
    Self(source: .host(path), target: target, isReadOnly: true)
  }
}

/// A TCP port of the host that leads into a container.
public struct PublishedPort: Codable, Equatable, Sendable {
  /// The port of the host; each can be published only once.
  public var hostPort: Text
  /// The port inside the container.
  public var containerPort: Int
  /// Where the port leads, for the reader of the generated file.
  public var summary: String
  /// Who reaches the port of the host.
  public var exposure: Exposure

  /// Who reaches a port.
  public enum Exposure: String, Codable, Sendable {
    /// The host itself.
    case host
    /// Every network that the host is in.
    case networks
  }

  /// A port of the host, and the port of the container that it leads to.
  public init(hostPort: Text, containerPort: Int, summary: String, exposure: Exposure) {
    self.hostPort = hostPort
    self.containerPort = containerPort
    self.summary = summary
    self.exposure = exposure
  }
}

/// A command inside a container that succeeds if the service is healthy. Times are in seconds.
public struct HealthCheck: Codable, Equatable, Sendable {
  /// A program and its arguments; no shell reads them.
  public var command: [Text]
  package var interval: Int
  /// How long one attempt may take.
  public var timeout: Int
  /// How many failures in a row make the service unhealthy.
  public var retries: Int
  /// How long failures do not count after the start.
  public var startPeriod: Int?

  /// A check that is made every 30 seconds, unless `interval` says otherwise.
  public init(_ command: [Text], interval: Int = 30, timeout: Int, retries: Int, startPeriod: Int? = nil) {
    self.command = command
    self.interval = interval
    self.timeout = timeout
    self.retries = retries
    self.startPeriod = startPeriod
  }
}

/// A processor beside the host's own, such as a graphics processor. Those of one kind are given out one by one, in the
/// order of the services that ask for one.
public struct Accelerator: Codable, Hashable, Sendable {
  /// Its maker, by the name of the runtime that brings the driver: `nvidia`.
  public var kind: String

  /// - Parameter kind: The name of the runtime that brings the driver.
  public init(_ kind: String) {
    self.kind = kind
  }

  /// A graphics processor of NVIDIA.
  public static let nvidia = Accelerator("nvidia")
}

extension Mount {
  var references: [Reference] {
    switch source {
    case .volume(let name): [.volume(name)]
    case .folder: []
    case .host(let path): path.references
    }
  }
}

extension EnvironmentVariable {
  var references: [Reference] {
    switch value {
    case .text(let text): text.references
    case .setting(let name): [.setting(name)]
    }
  }
}

extension Service: Contributed {
  /// What messages call such a value.
  public static let kind = "service"
  /// Its name, which no other service may have.
  public var names: [Reference] { [.service(name)] }
  /// The volumes, settings and environment files that it uses, and what its texts name.
  public var references: [Reference] {
    let texts = [image] + (entrypoint ?? []) + command + ports.map(\.hostPort) + (healthCheck?.command ?? [])
    return mounts.flatMap(\.references) + environment.flatMap(\.references)
      + environmentFiles.map { .environmentFile($0) } + texts.references
  }

  /// The same with another name of its image.
  public func renamingImages(_ newName: (Text) -> Text) -> Self {
    var value = self
    value.image = newName(image)
    return value
  }
}

extension Contribution {
  /// A container of the running deployment.
  public static func service(_ value: Service) -> Self { Self(value) }
}

extension Blueprint {
  /// The services of the running deployment, in the order of the components.
  public var services: [Owned<Service>] { self[Service.self] }
}

/// A container that exists only while the deployment is initialised.
struct InitService: Contributed {
  static let kind = "init service"
  let service: Service
  var names: [Reference] { [.initService(service.name)] }
  var references: [Reference] { service.references }

  func renamingImages(_ newName: (Text) -> Text) -> Self { Self(service: service.renamingImages(newName)) }
}

extension Contribution {
  /// A container that exists only while the deployment is initialised.
  public static func initService(_ value: Service) -> Self { Self(InitService(service: value)) }
}

extension Blueprint {
  /// The services that exist only while the deployment is initialised, in the order of the components.
  public var initServices: [Owned<Service>] {
    self[InitService.self].map { Owned(owner: $0.owner, value: $0.service) }
  }
}
