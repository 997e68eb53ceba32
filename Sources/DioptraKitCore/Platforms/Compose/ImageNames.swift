internal import DioptraModel
internal import DioptraRendering
internal import DioptraSystem

/// Images and their names.
extension DockerEngine {
  struct InspectedImage: Decodable, Sendable {
    let id: String
    let digests: [String]?
    let config: Config?

    struct Config: Decodable {
      let labels: [String: String]?
      let environment: [String]?

      enum CodingKeys: String, CodingKey {
        case labels = "Labels"
        case environment = "Env"
      }
    }

    enum CodingKeys: String, CodingKey {
      case id = "Id"
      case digests = "RepoDigests"
      case config = "Config"
    }
  }

  /// - Parameter image: A name, or the engine's id.
  /// - Returns: nil for an image that the engine does not have.
  func inspected(image: String) async throws -> InspectedImage? {
    try await askIfExists("/images/\(image)/json")
  }

  /// The missing ones of some images.
  public func missing(_ images: [String]) async throws -> [String] {
    var missing: [String] = []
    for image in images where try await inspected(image: image) == nil { missing.append(image) }
    return missing
  }

  /// By the registry's digest, otherwise by the image's version label.
  public func lastingName(of name: String, in container: String?) async throws -> String? {
    var image = name
    if let container { image = try await inspected(container)?.image ?? name }
    guard let facts = try await inspected(image: image) else { return nil }
    let bare = name.lastIndex(of: ":").map { String(name[..<$0]) } ?? name
    if let digest = facts.digests?.first(where: { $0.hasPrefix("\(bare)@") }) { return digest }
    let version = facts.config?.labels?["org.opencontainers.image.version"] ?? ""
    return version.isImageTag ? "\(bare):\(version)" : nil
  }

  /// Lets the engine ask the image's registry.
  ///
  /// - Throws: `CancellationError`, also if the registry does not answer within 20 seconds.
  public func canFetch(_ image: String) async throws -> Bool {
    var call = EngineAPI.Call()
    if let login = await RegistryLogin.find(for: ImageReference(image)) {
      call.fields["X-Registry-Auth"] = try login.header
    }
    return try await within(.seconds(Self.registryPatience)) { [call] in
      try await reaching { try await api.answer(to: "/distribution/\(image)/json", call) }.succeeded
    }
  }

  /// Seconds that a registry has to respond.
  private static let registryPatience = 20
}
