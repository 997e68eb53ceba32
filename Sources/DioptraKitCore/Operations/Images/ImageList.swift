internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
public import DioptraSystem

/// The images of a deployment, and which of them its engine has.
public struct ImageList: Encodable, Sendable {
  /// An image of the deployment.
  public struct Image: Encodable, Sendable {
    /// The name with tag or digest.
    public let name: String
    /// The services that run it, without the deployment's prefix.
    public let services: [String]
    /// The services of initialisation that run it.
    public let initServices: [String]
    /// Whether the engine has it; nil if no engine can be asked.
    public let isPresent: Bool?
    /// What it takes of the engine's space.
    public let bytes: Int?
    /// The engine's id.
    public let id: String?
    /// The names with digest under which registries have it.
    public let digests: [String]?
    /// The system and the architecture that it is made for, such as `linux/amd64`.
    public let platform: String?

    enum CodingKeys: String, CodingKey {
      case name, services, initServices, isPresent = "present", bytes, id, digests, platform
    }
  }

  /// In the order of the components.
  public let images: [Image]
  /// What the engine is; nil if none can be asked.
  public let engine: String?
  /// Why no engine can be asked.
  public let withoutEngine: DioptraError?

  enum CodingKeys: String, CodingKey {
    case images, engine
  }

  /// Looks at a deployment; writes nothing and takes no lock.
  ///
  /// - Throws: `DioptraError` for an invalid configuration, or if the engine does not answer; `CancellationError`.
  public init(of folder: ConfinedFolder, in context: OperationContext) async throws {
    let view = try DeploymentView(of: folder, in: context)
    let uses = try view.deployment.imageUses()
    let availability = try await view.availability()
    var facts: [String: ImageFacts]?
    switch availability {
    case .usable(let usable):
      engine = usable.summary
      withoutEngine = nil
      facts = try await usable.images.facts(of: uses.map(\.image))
    case .notInstalled(let error), .unusable(let error):
      engine = nil
      withoutEngine = error
    }
    images = uses.map { use in
      let found = facts?[use.image]
      return Image(
        name: use.image, services: use.services.map(\.rawValue), initServices: use.initServices.map(\.rawValue),
        isPresent: facts.map { $0[use.image] != nil }, bytes: found?.bytes, id: found?.id, digests: found?.digests,
        platform: found?.platform)
    }
  }
}
