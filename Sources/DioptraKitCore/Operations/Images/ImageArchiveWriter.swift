internal import Crypto
internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// Writes a file of images, one image after the other, at the end of what is there already.
final class ImageArchiveWriter {
  /// The size of a part, which is how much of an image is held in memory.
  static let partSize = 16 << 20

  private let file: StagedFile
  private let partSize: Int
  private let modified: Int
  private var hash: SHA256
  private(set) var images: [ArchivedImage]
  /// The number of bytes in the file.
  private(set) var count: Int

  /// Begins a file.
  init(_ origin: ImageArchiveOrigin, to file: StagedFile, partSize: Int = partSize, now: Timestamp) throws {
    self.file = file
    self.partSize = partSize
    modified = now.seconds
    hash = SHA256()
    images = []
    count = 0
    try entry(ImageArchiveOrigin.entry, try BackupJSON.encoded(origin))
  }

  /// Resumes a file after some whole images.
  ///
  /// - Parameter file: Ends after the last of these images.
  init(
    after images: [ImageArchiveScan.Image], of scan: ImageArchiveScan, to file: StagedFile, partSize: Int = partSize,
    now: Timestamp
  ) {
    self.file = file
    self.partSize = partSize
    modified = now.seconds
    hash = images.last?.progress ?? scan.beginning.progress
    count = images.last?.end ?? scan.beginning.end
    self.images = images.map(\.image)
  }

  /// Adds an image.
  ///
  /// - Parameter body: Passes on its bytes, piece by piece.
  @discardableResult
  func add(
    _ name: String, _ facts: ImageFacts, _ body: ((_ piece: [UInt8]) throws -> Void) async throws -> Void
  ) async throws -> ArchivedImage {
    var open: [UInt8] = []
    var parts: [BackupMember.Part] = []
    func endPart() throws {
      let name = ArchivedImage.entry(image: images.count + 1, part: parts.count + 1)
      try entry(name, open)
      parts.append(BackupMember.Part(name: name, bytes: open.count, digest: Digest(of: open).hexadecimal))
      open.removeAll(keepingCapacity: true)
    }
    try await body { piece in
      var rest = piece[...]
      while !rest.isEmpty {
        if open.count == partSize { try endPart() }
        let part = rest.prefix(partSize - open.count)
        open += part
        rest = rest.dropFirst(part.count)
      }
    }
    try endPart()
    let image = ArchivedImage(name: name, facts: facts, parts: parts)
    try entry(ArchivedImage.entry(image: images.count + 1, part: nil), try BackupJSON.encoded(image))
    images.append(image)
    return image
  }

  /// Completes the file, which is then on disk.
  ///
  /// - Returns: SHA-256 of the file's bytes.
  func finish() throws -> DioptraSystem.Digest {
    let manifest = ImageArchiveManifest(images: images, digest: Digest(hash.finalize()).hexadecimal)
    try entry(ImageArchiveManifest.entry, try BackupJSON.encoded(manifest))
    try write([UInt8](repeating: 0, count: 2 * TarHeader.blockSize))
    try file.finish(synced: true)
    return Digest(hash.finalize())
  }

  private func entry(_ name: String, _ bytes: [UInt8]) throws {
    let header = TarHeader(name: name, kind: .file, mode: 0o644, size: bytes.count, modified: modified)
    try write(header.blocks)
    try write(bytes)
    try write([UInt8](repeating: 0, count: TarHeader.padding(after: bytes.count)))
  }

  private func write(_ bytes: [UInt8]) throws {
    try Task.checkCancellation()
    try file.write(bytes)
    hash.update(data: bytes)
    count += bytes.count
  }
}
