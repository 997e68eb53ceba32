internal import DioptraModel
internal import DioptraRendering
internal import DioptraSystem

/// Immutable image references.
extension DockerEngine {
  private struct ImageFacts: Decodable {
    let digests: [String]?
    let config: Config?

    struct Config: Decodable {
      let labels: [String: String]?

      enum CodingKeys: String, CodingKey {
        case labels = "Labels"
      }
    }

    enum CodingKeys: String, CodingKey {
      case digests = "RepoDigests"
      case config = "Config"
    }
  }

  /// The image that a container was created from: the engine's own name for it.
  private func image(of container: String) async throws -> String? {
    let found = try await docker("inspect", "--format", names: ["{{.Image}}", container]).outcome()
    return found.succeeded ? found.output.split(whereSeparator: \.isWhitespace).first.map(String.init) : nil
  }

  /// By the registry's digest, otherwise by the image's version label.
  public func lastingName(of name: String, in container: String?) async throws -> String? {
    var image = name
    if let container { image = try await self.image(of: container) ?? name }
    let found = try await docker("image", "inspect", names: [image]).outcome()
    guard let facts = try? found.decoded([ImageFacts].self).first else { return nil }
    let bare = name.lastIndex(of: ":").map { String(name[..<$0]) } ?? name
    if let digest = facts.digests?.first(where: { $0.hasPrefix("\(bare)@") }) { return digest }
    let version = facts.config?.labels?["org.opencontainers.image.version"] ?? ""
    return version.isImageTag ? "\(bare):\(version)" : nil
  }

  /// Asks the image's registry with `docker manifest inspect`.
  ///
  /// - Throws: `CancellationError`, also if the registry does not answer within 20 seconds.
  public func canFetch(_ image: String) async throws -> Bool {
    try await docker(["manifest", "inspect", image]).outcome(within: Self.registryPatience).succeeded
  }

  /// Seconds that a registry has to respond.
  private static let registryPatience = 20
}
