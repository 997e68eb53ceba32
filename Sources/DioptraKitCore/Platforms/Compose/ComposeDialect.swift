public import DioptraModel
public import DioptraSystem

/// Deployments in the words of Compose.
public struct ComposeDialect: PlatformDialect {
  /// `Docker` runs containers, and `Compose` reads the files.
  public let words = PlatformWords(
    engine: "Docker", reader: "Compose", fullName: "Docker Compose", file: Self.file, ownFile: Self.ownFile)

  /// The services that run.
  static let file = "docker-compose.yml"
  /// The services that initialise them.
  static let initFile = "docker-compose.init.yml"
  /// What the user wants to be different.
  static let ownFile = "docker-compose.override.yml"

  /// Keeps nothing between calls.
  public init() {}

  // MARK: Names

  /// `DEPLOYMENT-SERVICE`.
  public func name(of service: ServiceName, in deployment: Text) -> Text { "\(deployment)-\(service.rawValue)" }

  /// `DEPLOYMENT_VOLUME`.
  public func name(of volume: VolumeName, in deployment: Text) -> Text { "\(deployment)_\(volume.rawValue)" }

  /// `DEPLOYMENT_NETWORK`.
  public func name(of network: Network, in deployment: Text) -> Text { "\(deployment)_\(network.name)" }

  /// As the makers' runtimes call it: `NVIDIA_VISIBLE_DEVICES`.
  public func deviceVariable(of accelerator: Accelerator) -> String {
    "\(accelerator.kind.uppercased())_VISIBLE_DEVICES"
  }

  /// The registry is `docker.io` if none is named, and there the path `library` if there is none.
  public func fullName(ofImage name: Text) -> Text {
    guard let characters = name.characters, let first = characters.split(separator: "/").first else { return name }
    let isRegistry = characters.contains("/") && (first.contains { $0 == "." || $0 == ":" } || first == "localhost")
    guard !isRegistry else { return name }
    return (characters.contains("/") ? "docker.io/" : "docker.io/library/") + name
  }

  // MARK: Files

  /// `docker-compose.yml`, `docker-compose.init.yml`, `.env`, and the template from which the standalone scripts make
  /// `.env`.
  public func files(for blueprint: Blueprint, in context: Context, owner: ComponentID) throws -> [FolderFile] {
    let scene = ComposeScene(blueprint, in: context)
    let document = ComposeDocument(scene: scene, owner: owner)
    let settings = try SettingsDocument(scene: scene, owner: owner).text()
    return [
      FolderFile(Self.file, .text(try document.running()), madeFrom: "the services of all components"),
      FolderFile(Self.initFile, .text(try document.initializing()), madeFrom: "the init services of all components"),
      FolderFile(Setting.file, .text(settings), .secret, madeFrom: "the settings of all components"),
      FolderFile(
        "scripts/templates/dot-env.j2", .jinja(settings), standaloneOutput: Setting.file,
        madeFrom: "the settings of all components, with placeholders for secrets"),
    ]
  }

  /// `docker-compose.yml`, `docker-compose.init.yml` and `docker-compose.override.yml`.
  public var projectFiles: [String] { [Self.file, Self.initFile, Self.ownFile] }

  /// Compose reads `.env`, everything in `envs/`, and the YAML files that are directly in the folder.
  public func reads(_ path: String) -> Bool {
    path == Setting.file || path.hasPrefix("envs/")
      || (!path.contains("/") && [".yml", ".yaml"].contains { path.hasSuffix($0) })
  }

  /// The variables without a default that a Compose file refers to, except those of Compose's caller, such as `HOME`.
  public func neededSettings(in text: String) -> Set<String> {
    guard text.contains("$"), let documents = try? YAMLText.documents(in: text) else { return [] }
    return documents.reduce(into: []) { names, document in
      names.formUnion(
        document.interpolations.filter { !$0.hasDefault && !EnvironmentInterpolation.isCallers($0.name) }.map(\.name))
    }
  }

  /// What `docker-compose.yml` describes; nothing if it is missing or not YAML.
  public func services(in bytes: (String) throws -> [UInt8]?) throws -> DescribedServices {
    try ComposeServices(in: bytes).described
  }

  /// nil if there is no `docker-compose.yml`, or its volumes and networks have no prefix.
  public func referenceProject(
    in folder: ConfinedFolder, merged answer: [String: ReferenceService]?
  ) throws -> ReferenceProject? {
    try ReferenceProject(in: folder, merged: answer)
  }
}
