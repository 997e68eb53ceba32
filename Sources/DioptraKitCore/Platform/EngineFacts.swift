/// An existing named volume.
public struct VolumeFacts: Equatable, Sendable {
  /// The engine's name.
  public let name: String
  /// The id of the deployment that the volume was created for; nil for a volume that something else created.
  public let owner: String?
  /// The random id that the volume was created with; nil for a volume that something else created.
  package let ownInstance: String?
  /// As the engine reports it; see `Engine.tellsCreation`.
  package let createdAt: String?

  /// - Parameters:
  ///   - owner: The id of the deployment that the volume was created for; nil for a volume that something else created.
  ///   - ownInstance: The random id that the volume was created with; nil likewise.
  ///   - createdAt: As the engine reports it; nil if it reports none.
  package init(name: String, owner: String?, ownInstance: String?, createdAt: String?) {
    self.name = name
    self.owner = owner
    self.ownInstance = ownInstance
    self.createdAt = createdAt
  }

  /// Identifies the volume, as opposed to a later one with the same name.
  ///
  /// The engine's own creation time does not: up to Docker 20.10 it changes with the volume's content.
  package var instance: String { ownInstance ?? "made without dioptra" }
}

/// An existing container.
public struct ContainerFacts: Equatable, Sendable {
  /// The engine's id.
  public let id: String
  /// As shown in messages.
  public let names: String
  /// The image that the container was created from, as the engine names it.
  public let image: String
  package let isRunning: Bool
  /// The service that it belongs to: with the deployment's prefix, or without for initialisation.
  public let service: String?
  /// The folder whose files define the service.
  public let workingDirectory: String?
  /// The project that its service belongs to.
  public let project: String?

  /// - Parameters:
  ///   - names: As shown in messages.
  ///   - service: The service that the container belongs to, if any.
  ///   - workingDirectory: The folder whose files define the service.
  ///   - project: The project that the service belongs to.
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
