/// The images that an engine keeps.
///
/// All members throw `DioptraError` if the engine does not answer, and `CancellationError`.
public protocol ImageStore: Sendable {
  /// The best compression that this host can write and the engine can read.
  var compression: ImageCompression { get }

  /// The system and the architecture that the engine runs, such as `linux/amd64`.
  func platform() async throws -> String

  /// The existing images among some, by the names that were asked for.
  func facts(of names: [String]) async throws -> [String: ImageFacts]

  /// The ids of the images that some containers were created from, by the containers' ids. A removed container has none.
  func images(ofContainers ids: [String]) async throws -> [String: String]

  /// Writes an image with its name as one stream, which `load` reads.
  func save(
    _ image: String, compressedBy compression: ImageCompression, eachPiece: ([UInt8]) throws -> Void
  ) async throws

  /// Adds the image of a stream that `save` wrote.
  ///
  /// - Parameter nextPiece: nil at the end.
  func load(compressedBy compression: ImageCompression, _ nextPiece: () throws -> [UInt8]?) async throws
}

/// An image of an engine.
public struct ImageFacts: Codable, Equatable, Sendable {
  /// The engine's id. Engines that keep images in different ways have different ids for one image.
  public let id: String
  /// The names with digest under which registries have it; empty for an image that came from a file.
  public let digests: [String]
  /// The system and the architecture that it is made for, such as `linux/amd64`.
  public let platform: String
  /// What it takes of the engine's space. Images may share parts.
  public let bytes: Int
  /// Represents its layers and the time of its creation, which are the same on every engine.
  package let content: String

  /// - Parameters:
  ///   - id: The engine's id.
  ///   - digests: The names with digest under which registries have it.
  ///   - platform: Such as `linux/amd64`.
  ///   - bytes: What it takes of the engine's space.
  ///   - content: The same for the same image on every engine.
  public init(id: String, digests: [String], platform: String, bytes: Int, content: String) {
    self.id = id
    self.digests = digests
    self.platform = platform
    self.bytes = bytes
    self.content = content
  }

  /// Whether it is the same image, whatever engine keeps it.
  package func isSame(as other: ImageFacts) -> Bool { id == other.id || content == other.content }
}

/// How a saved image is compressed.
public enum ImageCompression: String, Codable, CaseIterable, Sendable {
  case zstd, gzip
}
