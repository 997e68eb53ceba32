internal import DioptraSystem

/// A value with the component that contributed it.
@dynamicMemberLookup
public struct Owned<Value> {
  public let owner: ComponentID
  public let value: Value

  public init(owner: ComponentID, value: Value) {
    self.owner = owner
    self.value = value
  }

  public subscript<Member>(dynamicMember path: KeyPath<Value, Member>) -> Member {
    value[keyPath: path]
  }
}

// Not constraints of the type itself: those the runtime would prove for each kind of value in every run.
extension Owned: Encodable where Value: Encodable {}
extension Owned: Decodable where Value: Decodable {}
extension Owned: Equatable where Value: Equatable {}
extension Owned: Sendable where Value: Sendable {}

/// Everything that the enabled components contributed, each value with its owner, in the order of the components.
///
/// It says what the deployment is and nothing about Compose, which is one renderer of it.
public struct Blueprint: Codable, Equatable, Sendable {
  public internal(set) var networks: [Owned<Network>] = []
  public internal(set) var services: [Owned<Service>] = []
  public internal(set) var initServices: [Owned<Service>] = []
  public internal(set) var endpoints: [Owned<Endpoint>] = []
  public internal(set) var volumes: [Owned<Volume>] = []
  public internal(set) var volumePreparations: [Owned<VolumePreparation>] = []
  public internal(set) var dataFormats: [Owned<DataFormat>] = []
  public internal(set) var certificatePairs: [Owned<CertificatePair>] = []
  public internal(set) var trustStores: [Owned<TrustStore>] = []
  public internal(set) var environmentFiles: [Owned<EnvironmentFile>] = []
  public internal(set) var settings: [Owned<Setting>] = []
  public internal(set) var secrets: [Owned<Secret>] = []
  public internal(set) var proxyServers: [Owned<ProxyServer>] = []
  public internal(set) var proxyLocations: [Owned<ProxyLocation>] = []
  public internal(set) var proxyStreams: [Owned<ProxyStream>] = []
  public internal(set) var backupData: [Owned<BackupData>] = []
  public internal(set) var liveFacts: [Owned<LiveFacts>] = []
  public internal(set) var webAddresses: [Owned<WebAddress>] = []
  public internal(set) var files: [Owned<FolderFile>] = []
  public internal(set) var scripts: [Owned<ContainerScript>] = []
  public internal(set) var steps: [Owned<Step>] = []
  public internal(set) var ignorePatterns: [Owned<IgnorePattern>] = []
  public internal(set) var readmeRows: [Owned<ReadmeRow>] = []

  /// Asks every enabled component for its contributions and puts them together.
  ///
  /// - Throws: `DioptraError` when two components contribute the same thing, or one refers to something that nobody
  ///   contributes.
  public init(in context: Context) throws {
    for component in context.configuration.components {
      add(try component.contributions(in: context), of: component.id)
    }
    let contributed = self
    for component in context.configuration.components {
      add(try component.contributions(collecting: contributed, in: context), of: component.id)
    }
    arrange(in: context.configuration.components.map(\.id))
    steps = try steps.topologicallySorted(id: \.id, requires: \.requires) { circle in
      DioptraError(
        "the steps \(circle.map(\.rawValue).joined(separator: ", ")) require each other or a step that does not exist",
        remedy: "Correct what they require"
      )
    }
    try check()
  }

  private mutating func add(_ contributions: [Contribution], of owner: ComponentID) {
    for contribution in contributions {
      switch contribution {
      case .service(let value): services.append(Owned(owner: owner, value: value))
      case .initService(let value): initServices.append(Owned(owner: owner, value: value))
      case .network(let value): networks.append(Owned(owner: owner, value: value))
      case .volume(let value): volumes.append(Owned(owner: owner, value: value))
      case .volumePreparation(let value): volumePreparations.append(Owned(owner: owner, value: value))
      case .endpoint(let value): endpoints.append(Owned(owner: owner, value: value))
      case .environmentFile(let value): environmentFiles.append(Owned(owner: owner, value: value))
      case .setting(let value): settings.append(Owned(owner: owner, value: value))
      case .proxyServer(let value): proxyServers.append(Owned(owner: owner, value: value))
      case .proxyLocation(let value): proxyLocations.append(Owned(owner: owner, value: value))
      case .proxyStream(let value): proxyStreams.append(Owned(owner: owner, value: value))
      case .trustStore(let value): trustStores.append(Owned(owner: owner, value: value))
      case .dataFormat(let value): dataFormats.append(Owned(owner: owner, value: value))
      case .certificatePair(let value): certificatePairs.append(Owned(owner: owner, value: value))
      case .backupData(let value): backupData.append(Owned(owner: owner, value: value))
      case .liveFacts(let value): liveFacts.append(Owned(owner: owner, value: value))
      case .webAddress(let value): webAddresses.append(Owned(owner: owner, value: value))
      case .file(let value): files.append(Owned(owner: owner, value: value))
      case .script(let value): scripts.append(Owned(owner: owner, value: value))
      case .step(let value): steps.append(Owned(owner: owner, value: value))
      case .ignore(let value): ignorePatterns.append(Owned(owner: owner, value: value))
      case .readmeRow(let value): readmeRows.append(Owned(owner: owner, value: value))
      case .secret(let value): secrets.append(Owned(owner: owner, value: value))
      }
    }
  }

  /// Puts every list into the order of the components, whichever call contributed a value.
  private mutating func arrange(in order: [ComponentID]) {
    let rank = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($0.element, $0.offset) })
    func arranged<Value>(_ values: [Owned<Value>]) -> [Owned<Value>] {
      values.sorted { rank[$0.owner, default: 0] < rank[$1.owner, default: 0] }
    }
    networks = arranged(networks)
    services = arranged(services)
    initServices = arranged(initServices)
    endpoints = arranged(endpoints)
    volumes = arranged(volumes)
    volumePreparations = arranged(volumePreparations)
    dataFormats = arranged(dataFormats)
    certificatePairs = arranged(certificatePairs)
    trustStores = arranged(trustStores)
    environmentFiles = arranged(environmentFiles)
    settings = arranged(settings).sorted { $0.position < $1.position }
    secrets = arranged(secrets)
    proxyServers = arranged(proxyServers)
    proxyLocations = arranged(proxyLocations)
    proxyStreams = arranged(proxyStreams)
    backupData = arranged(backupData)
    liveFacts = arranged(liveFacts)
    webAddresses = arranged(webAddresses)
    files = arranged(files)
    scripts = arranged(scripts)
    steps = arranged(steps)
    ignorePatterns = arranged(ignorePatterns)
    readmeRows = arranged(readmeRows)
  }
}
