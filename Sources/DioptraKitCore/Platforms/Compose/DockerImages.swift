public import DioptraPlatform
internal import DioptraSystem

extension DockerEngine {
  /// The images, through Docker's command line.
  public var images: any ImageStore { DockerImages(engine: self) }
}

/// The images of a Docker engine.
struct DockerImages: ImageStore {
  let engine: DockerEngine

  /// Docker reads zstd since version 23.
  private var readsZstd: Bool { (Int(engine.version.prefix { $0.isNumber }) ?? 0) >= 23 }

  var compression: ImageCompression {
    readsZstd && ImageCompression.zstd.compressor.isInstalled ? .zstd : .gzip
  }

  func platform() async throws -> String {
    let found = try await engine.docker("version", "--format", names: ["{{.Server.Os}}/{{.Server.Arch}}"]).outcome()
    guard found.succeeded else { throw engine.unanswered("version", found) }
    return found.output.lastLine
  }

  private struct InspectedImage: Decodable {
    let id: String
    let digests: [String]?
    let system: String
    let architecture: String
    let bytes: Int
    let createdAt: String?
    let files: Files?

    struct Files: Decodable {
      let layers: [String]?

      enum CodingKeys: String, CodingKey {
        case layers = "Layers"
      }
    }

    enum CodingKeys: String, CodingKey {
      case id = "Id"
      case digests = "RepoDigests"
      case system = "Os"
      case architecture = "Architecture"
      case bytes = "Size"
      case createdAt = "Created"
      case files = "RootFS"
    }

    var facts: ImageFacts {
      let platform = "\(system)/\(architecture)"
      let content = [platform, createdAt ?? ""] + (files?.layers ?? [])
      return ImageFacts(
        id: id, digests: digests ?? [], platform: platform, bytes: bytes,
        content: Digest(of: content.joined(separator: "\n")).hexadecimal)
    }
  }

  /// One call if all are there; otherwise Docker does not say which of its answers belongs to which name.
  func facts(of names: [String]) async throws -> [String: ImageFacts] {
    guard !names.isEmpty else { return [:] }
    let found = try await engine.docker("image", "inspect", names: names).outcome()
    if found.succeeded, let images = try? found.decoded([InspectedImage].self), images.count == names.count {
      return Dictionary(zip(names, images.map(\.facts))) { first, _ in first }
    }
    guard names.count > 1 else {
      guard found.isOfMissingImage else { throw engine.unanswered("image inspect", found) }
      return [:]
    }
    var facts: [String: ImageFacts] = [:]
    for name in names { facts.merge(try await self.facts(of: [name])) { $1 } }
    return facts
  }

  func images(ofContainers ids: [String]) async throws -> [String: String] {
    guard !ids.isEmpty else { return [:] }
    // The status says that some do not exist, which is not an error here.
    let found = try await engine.docker(["inspect", "--format", "{{.Id}} {{.Image}}"] + ids).outcome()
    let pairs = found.output.split(whereSeparator: \.isNewline).compactMap { line -> (String, String)? in
      let words = line.split(separator: " ")
      return words.count == 2 ? (String(words[0]), String(words[1])) : nil
    }
    return Dictionary(pairs) { first, _ in first }
  }

  func save(
    _ image: String, compressedBy compression: ImageCompression, eachPiece: ([UInt8]) throws -> Void
  ) async throws {
    let (saving, compressing) = try await engine.docker("image", "save", names: [image])
      .writing(through: compression.compressor, eachPiece: eachPiece)
    guard saving.succeeded else { throw engine.unanswered("image save \(image)", saving) }
    try compression.expectSuccess(compressing)
  }

  /// Docker decompresses the stream; one that does not know zstd gets it decompressed.
  func load(compressedBy compression: ImageCompression, _ nextPiece: () throws -> [UInt8]?) async throws {
    let load = engine.docker("image", "load", names: ["--quiet"])
    guard compression == .zstd, !readsZstd else {
      let loading = try await load.reading(nextPiece)
      guard loading.succeeded else { throw engine.unanswered("image load", loading) }
      return
    }
    let (decompressing, loading) = try await compression.decompressor.reading(into: load, nextPiece)
    try compression.expectSuccess(decompressing)
    guard loading.succeeded else { throw engine.unanswered("image load", loading) }
  }
}

extension ExternalCommand.Outcome {
  fileprivate var isOfMissingImage: Bool {
    let words = errors.lowercased()
    return words.contains("no such image") || words.contains("not found") || words.contains("no such object")
  }
}

extension ImageCompression {
  fileprivate var compressor: ExternalCommand {
    switch self {
    case .zstd: ExternalCommand(arguments: ["zstd", "-q", "-c", "-T0"])
    case .gzip: ExternalCommand(arguments: ["gzip", "-c"])
    }
  }

  fileprivate var decompressor: ExternalCommand { ExternalCommand(arguments: [rawValue, "-q", "-d", "-c"]) }

  fileprivate func expectSuccess(_ outcome: ExternalCommand.Outcome) throws {
    guard !outcome.succeeded else { return }
    throw DioptraError(
      .programFailed, "\(rawValue) failed: \(outcome.errors.lastLine)",
      remedy: "Check that \(install: rawValue) works by itself")
  }
}
