internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
public import DioptraSystem

/// Whether the engine has the images that it should, and whether the services run them.
public struct ImageVerification: Encodable, Sendable {
  /// How something compares with what it should be.
  public enum Match: String, Encodable, Sendable {
    case same, different, missing
  }

  /// An image of the deployment.
  public struct Image: Encodable, Sendable {
    /// The name with tag or digest.
    public let name: String
    /// The engine's id; nil if it is missing.
    public let id: String?
    /// The names with digest under which registries have it.
    public let digests: [String]
    /// The image under this name in the file of saved images; nil without a file, or if it has none.
    public let savedID: String?
    /// Compared with the saved image; without a file, whether the engine has it.
    public let match: Match
    /// nil if no key was given.
    public let signature: ImageSignature?

    enum CodingKeys: String, CodingKey {
      case name, id, digests, savedID = "savedId", match, signature
    }
  }

  /// A running service.
  public struct Service: Encodable, Sendable {
    /// The name without the deployment's prefix.
    public let service: String
    /// The image that it should run.
    public let image: String
    /// The engine's id of the image that its container was created from; nil if the container is gone.
    public let id: String?
    /// Compared with the engine's image of that name.
    public let match: Match
  }

  /// In the order of the components.
  public let images: [Image]
  /// The running ones, in the order of the components.
  public let services: [Service]

  /// Whether everything is as it should be.
  public var isClean: Bool {
    images.allSatisfy { $0.match == .same && $0.signature?.isVerified ?? true }
      && services.allSatisfy { $0.match == .same }
  }

  enum CodingKeys: String, CodingKey {
    case images, services, isClean = "clean"
  }

  /// Encodes `isClean`, too.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(images, forKey: .images)
    try container.encode(services, forKey: .services)
    try container.encode(isClean, forKey: .isClean)
  }

  /// Looks at the engine; writes nothing and takes no lock.
  ///
  /// - Parameters:
  ///   - path: The absolute path of a file of saved images to compare with.
  ///   - key: The absolute path of the public key with which signatures are verified.
  /// - Throws: `DioptraError` without an engine, for a file that is not whole, or if signatures cannot be verified;
  ///   `CancellationError`.
  public init(
    of folder: ConfinedFolder, against path: String? = nil, signedBy key: String? = nil, in context: OperationContext
  ) async throws {
    let view = try DeploymentView(of: folder, in: context)
    let saved = try path.map { try VerifiedImages($0) }
    let signatures = try key.map { try ImageSignatures(key: $0) }
    let uses = try view.deployment.imageUses()
    let engine = try await view.engine()
    let facts = try await engine.images.facts(of: uses.map(\.image))
    let running = try await engine.executor(for: view.deployment).runningServices()
    let created = try await engine.images.images(ofContainers: running.values.sorted())
    try Task.checkCancellation()
    var images: [Image] = []
    for use in uses {
      let found = facts[use.image]
      let wanted = saved?.facts[use.image]
      var signature: ImageSignature?
      if let signatures { signature = try await signatures.signature(of: use.image, found) }
      images.append(
        Image(
          name: use.image, id: found?.id, digests: found?.digests ?? [], savedID: wanted?.id,
          match: Self.match(found, wanted, isCompared: saved != nil), signature: signature))
    }
    self.images = images
    services = uses.flatMap { use in
      use.services.compactMap { name in
        guard let container = running[name] else { return nil }
        let id = created[container]
        let match: Match = id == nil ? .missing : id == facts[use.image]?.id ? .same : .different
        return Service(service: name.rawValue, image: use.image, id: id, match: match)
      }
    }
  }

  private static func match(_ found: ImageFacts?, _ wanted: ImageFacts?, isCompared: Bool) -> Match {
    guard let found else { return .missing }
    guard isCompared else { return .same }
    return wanted.map { found.isSame(as: $0) } == true ? .same : .different
  }
}
