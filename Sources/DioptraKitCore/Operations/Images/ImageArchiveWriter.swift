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

  /// Adds an image, or files.
  ///
  /// - Parameter body: Passes on its bytes, piece by piece.
  @discardableResult
  func add(
    _ name: String, image: ImageFacts? = nil, files: ArchivedFiles? = nil,
    _ body: ((_ piece: [UInt8]) throws -> Void) async throws -> Void
  ) async throws -> ArchivedMember {
    var open: [UInt8] = []
    var parts: [BackupMember.Part] = []
    func endPart() throws {
      let name = ArchivedMember.entry(member: members.count + 1, part: parts.count + 1)
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
    let member = ArchivedMember(name: name, image: image, files: files, parts: parts)
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
