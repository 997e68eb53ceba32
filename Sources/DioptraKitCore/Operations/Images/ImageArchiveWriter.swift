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
  private(set) var members: [ArchivedMember]
  /// The number of bytes in the file.
  private(set) var count: Int

  /// Begins a file.
  init(_ origin: ImageArchiveOrigin, to file: StagedFile, partSize: Int = partSize, now: Timestamp) throws {
    self.file = file
    self.partSize = partSize
    modified = now.seconds
    hash = SHA256()
    members = []
    count = 0
    try entry(ImageArchiveOrigin.entry, try BackupJSON.encoded(origin))
  }

  /// Resumes a file after some whole members.
  ///
  /// - Parameter file: Ends after the last of these members.
  init(
    after members: [ImageArchiveScan.Member], of scan: ImageArchiveScan, to file: StagedFile, partSize: Int = partSize,
    now: Timestamp
  ) {
    self.file = file
    self.partSize = partSize
    modified = now.seconds
    hash = members.last?.progress ?? scan.beginning.progress
    count = members.last?.end ?? scan.beginning.end
    self.members = members.map(\.member)
  }

  /// The parts of a member that is being added.
  private struct Parts {
    var complete: [BackupMember.Part] = []
    var open: [UInt8] = []
  }

  /// Adds an image.
  ///
  /// - Parameter body: Passes on its bytes, piece by piece.
  @discardableResult
  func add(
    _ name: String, image: ImageFacts, _ body: ((_ piece: [UInt8]) throws -> Void) async throws -> Void
  ) async throws -> ArchivedMember {
    var parts = Parts()
    try await body { try append($0, to: &parts) }
    return try complete(ArchivedMember(name: name, image: image, files: nil, parts: end(&parts)))
  }

  /// Adds files, as bytes of an archive.
  @discardableResult
  func add(_ name: String, files: ArchivedFiles, _ bytes: [UInt8]) throws -> ArchivedMember {
    var parts = Parts()
    try append(bytes, to: &parts)
    return try complete(ArchivedMember(name: name, image: nil, files: files, parts: end(&parts)))
  }

  private func append(_ piece: [UInt8], to parts: inout Parts) throws {
    var rest = piece[...]
    while !rest.isEmpty {
      if parts.open.count == partSize { try endPart(&parts) }
      let part = rest.prefix(partSize - parts.open.count)
      parts.open += part
      rest = rest.dropFirst(part.count)
    }
  }

  private func endPart(_ parts: inout Parts) throws {
    let name = ArchivedMember.entry(member: members.count + 1, part: parts.complete.count + 1)
    try entry(name, parts.open)
    let digest = Digest(of: parts.open).hexadecimal
    parts.complete.append(BackupMember.Part(name: name, bytes: parts.open.count, digest: digest))
    parts.open.removeAll(keepingCapacity: true)
  }

  private func end(_ parts: inout Parts) throws -> [BackupMember.Part] {
    try endPart(&parts)
    return parts.complete
  }

  private func complete(_ member: ArchivedMember) throws -> ArchivedMember {
    try entry(ArchivedMember.entry(member: members.count + 1, part: nil), try BackupJSON.encoded(member))
    members.append(member)
    return member
  }

  /// Completes the file, which is then on disk.
  ///
  /// - Returns: SHA-256 of the file's bytes.
  func finish() throws -> DioptraSystem.Digest {
    let manifest = ImageArchiveManifest(members: members, digest: Digest(hash.finalize()).hexadecimal)
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
