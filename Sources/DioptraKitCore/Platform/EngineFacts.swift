/// A named volume that exists.
public struct VolumeFacts: Equatable, Sendable {
  public let name: String
  /// The id of the deployment that the volume was made for; nil for one that was made by something else.
  public let owner: String?
  /// The random id that the volume was created with; nil for a volume that something else created.
  public let ownInstance: String?
  /// As the engine says it; see `Engine.tellsCreation`.
  public let createdAt: String?

  public init(name: String, owner: String?, ownInstance: String?, createdAt: String?) {
    self.name = name
    self.owner = owner
    self.ownInstance = ownInstance
    self.createdAt = createdAt
  }

  /// Tells the volume from another one of the same name, made later.
  ///
  /// The engine's own creation time does not: up to Docker 20.10 it moves with what is in the volume.
  public var instance: String { ownInstance ?? "made without dioptra" }
}

/// A container that exists.
public struct ContainerFacts: Equatable, Sendable {
  public let id: String
  /// As messages name it.
  public let names: String
  public let image: String
  public let isRunning: Bool
  /// The service that it is a container of: of the running deployment with its prefix, of initialisation without.
  public let service: String?
  /// The folder whose files name the service.
  public let workingDirectory: String?
  /// What its service is kept together with others under.
  public let project: String?

  public init(
    id: String, names: String, image: String, isRunning: Bool, service: String?, workingDirectory: String?,
    project: String?
  ) {
    self.id = id
    self.names = names
    self.image = image
    self.isRunning = isRunning
    self.service = service
    self.workingDirectory = workingDirectory
    self.project = project
  }
}
