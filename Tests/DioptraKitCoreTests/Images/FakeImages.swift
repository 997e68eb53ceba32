@testable import DioptraPlatform
@testable import DioptraSystem

extension FakeEngine {
  var images: any ImageStore { FakeImages(fake: self) }
}

/// The images of an engine that is not there.
struct FakeImages: ImageStore {
  let fake: FakeEngine

  struct Image: Equatable, Sendable {
    var facts: ImageFacts
    /// What the engine writes of it.
    var bytes: [UInt8]

    init(_ id: String, bytes: [UInt8] = [], platform: String = "linux/amd64") {
      self.bytes = bytes
      facts = ImageFacts(id: id, digests: [], platform: platform, bytes: bytes.count, content: "content of \(id)")
    }
  }

  struct Content: Sendable {
    var images: [String: Image] = [:]
    var platform = "linux/amd64"
    /// The ids of the images that containers were created from.
    var containers: [String: String] = [:]
    /// What becomes of an image that is loaded.
    var changes: @Sendable (Image) -> Image? = { $0 }
  }

  let compression = ImageCompression.gzip

  func platform() async throws -> String {
    try fake.call("platform")
    return fake.world.store.platform
  }

  func facts(of names: [String]) async throws -> [String: ImageFacts] {
    try fake.call("facts of \(names.joined(separator: " "))")
    return fake.world.store.images.filter { names.contains($0.key) }.mapValues(\.facts)
  }

  func images(ofContainers ids: [String]) async throws -> [String: String] {
    try fake.call("images of containers")
    return fake.world.store.containers.filter { ids.contains($0.key) }
  }

  /// The engine writes the first half before anything can go wrong.
  func save(
    _ image: String, compressedBy compression: ImageCompression, eachPiece: ([UInt8]) throws -> Void
  ) async throws {
    guard let found = fake.world.store.images[image] else {
      throw DioptraError(.engineFailed, "no image \(image)", remedy: "None")
    }
    let bytes = Array("\(image) \(found.facts.id) \(found.bytes.count)\n".utf8) + found.bytes
    try eachPiece(Array(bytes[..<(bytes.count / 2)]))
    try fake.call("save \(image)")
    try eachPiece(Array(bytes[(bytes.count / 2)...]))
    fake.note("save \(image)")
  }

  /// The engine reads a piece before anything can go wrong, and changes nothing before it has all.
  func load(compressedBy compression: ImageCompression, _ nextPiece: () throws -> [UInt8]?) async throws {
    var bytes = try nextPiece() ?? []
    try fake.call("load")
    while let piece = try nextPiece() { bytes += piece }
    let end = bytes.firstIndex(of: 0x0A) ?? bytes.endIndex
    let words = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ").map(String.init)
    guard words.count == 3, bytes.count - end - 1 == Int(words[2]) else {
      throw DioptraError(.engineFailed, "no archive of an image", remedy: "None")
    }
    let image = Image(words[1], bytes: Array(bytes[(end + 1)...]))
    fake.change { $0.store.images[words[0]] = $0.store.changes(image) }
    fake.note("load \(words[0])")
  }
}
