internal import DioptraModel
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import FoundationEssentials

/// What images are called so that it is the same image tomorrow.
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

  /// The image that a container was made of: the engine's own name for it.
  package func image(of container: String) async throws -> String? {
    let found = try await docker("inspect", "--format", names: ["{{.Image}}", container]).outcome()
    return found.succeeded ? found.output.split(whereSeparator: \.isWhitespace).first.map(String.init) : nil
  }

  /// A name under which an image stays what it is: with the digest of its registry, else with the version that it says
  /// it has; nil where it has neither, or is not there.
  ///
  /// - Parameters:
  ///   - image: The engine's own name, or one with a tag.
  ///   - name: The name with a tag that moves.
  package func lastingName(of image: String, called name: String) async throws -> String? {
    let found = try await docker("image", "inspect", names: [image]).outcome()
    guard let facts = try? JSONDecoder().decode([ImageFacts].self, from: Data(found.output.utf8)).first else {
      return nil
    }
    let bare = name.lastIndex(of: ":").map { String(name[..<$0]) } ?? name
    if let digest = facts.digests?.first(where: { $0.hasPrefix("\(bare)@") }) { return digest }
    let version = facts.config?.labels?["org.opencontainers.image.version"] ?? ""
    return version.isImageTag ? "\(bare):\(version)" : nil
  }
}
