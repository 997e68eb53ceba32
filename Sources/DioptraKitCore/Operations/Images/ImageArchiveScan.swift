internal import Crypto
internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import FoundationEssentials

/// A file of images that was read from its beginning, as far as it is whole.
struct ImageArchiveScan {
  /// A whole member, and where its parts are in the file.
  struct Member {
    let member: ArchivedMember
    let places: [Int]
    /// Where the next member begins, and SHA-256 of everything before.
    let end: Int
    let progress: SHA256
  }

  /// nil if the file does not begin as one of images.
  private(set) var origin: ImageArchiveOrigin?
  /// Where the first member begins, and SHA-256 of everything before.
  private(set) var beginning: (end: Int, progress: SHA256) = (0, SHA256())
  private(set) var members: [Member] = []
  /// Why it is not a whole file; nil for one that is.
  private(set) var fault: DioptraError?
  /// SHA-256 of everything read.
  private(set) var digest = Digest(SHA256().finalize())
  /// The number of bytes read.
  private(set) var bytes = 0

  private let input: ImageArchiveInput
  private var parts: [(part: BackupMember.Part, place: Int)] = []
  /// The longest entry that describes something.
  private static let limit = 16 << 20

  /// Reads a file to its end or its first fault.
  ///
  /// - Throws: `DioptraError` if it cannot be read; `CancellationError`.
  init(_ descriptor: Int32) throws {
    input = ImageArchiveInput(descriptor)
    do {
      try readOrigin()
      while try readEntry() {}
    } catch let error as DioptraError where error.code == .imagesInvalid || error.code == .versionUnsupported {
      fault = error
    }
    digest = input.digest
    bytes = input.count
  }

  private struct Form: Decodable {
    let format: Int
  }

  private mutating func readOrigin() throws {
    let foreign = DioptraError(
      .imagesInvalid, "the file is not one of images that dioptra saved",
      remedy: "Give one that \(dioptra: "images", "save", "FILE") made")
    let block = try input.read(TarHeader.blockSize)
    guard let header = TarHeader(block: block), header.name == ImageArchiveOrigin.entry, header.size < Self.limit
    else { throw foreign }
    let bytes = try content(header)
    if let form = try? JSONDecoder().decode(Form.self, from: Data(bytes)), form.format > ImageArchiveOrigin.format {
      throw DioptraError(
        .versionUnsupported, "the file of images was made by a newer dioptra",
        remedy: "Use that version of \(install: "dioptra") or a newer one")
    }
    guard header.blocks == block, let origin = ImageArchiveJSON.decoded(ImageArchiveOrigin.self, bytes) else {
      throw DioptraError.damagedImages("it is damaged at its beginning")
    }
    self.origin = origin
    beginning = (input.count, input.progress)
  }

  /// - Returns: Whether there may be more.
  private mutating func readEntry() throws -> Bool {
    let before = input.digest
    let block = try input.read(TarHeader.blockSize)
    guard block.count == TarHeader.blockSize else { throw DioptraError.damagedImages("its end is missing") }
    guard let header = TarHeader(block: block), header.blocks == block, header.kind == .file else {
      throw damage
    }
    let number = members.count + 1
    switch header.name {
    case ArchivedMember.entry(member: number, part: parts.count + 1):
      guard header.size <= ImageArchiveWriter.partSize else { throw damage }
      let place = input.count
      let bytes = try content(header)
      let part = BackupMember.Part(name: header.name, bytes: bytes.count, digest: Digest(of: bytes).hexadecimal)
      parts.append((part, place))
    case ArchivedMember.entry(member: number, part: nil):
      guard header.size < Self.limit,
        let member = ImageArchiveJSON.decoded(ArchivedMember.self, try content(header)), !parts.isEmpty,
        member.parts == parts.map(\.part), (member.image == nil) != (member.files == nil)
      else { throw damage }
      members.append(Member(member: member, places: parts.map(\.place), end: input.count, progress: input.progress))
      parts = []
    case ImageArchiveManifest.entry:
      guard header.size < Self.limit,
        let manifest = ImageArchiveJSON.decoded(ImageArchiveManifest.self, try content(header)), parts.isEmpty,
        manifest.members == members.map(\.member), manifest.digest == before.hexadecimal
      else { throw damage }
      try readEnd()
      return false
    default: throw damage
    }
    return true
  }

  /// The content of an entry, and the padding after it.
  private func content(_ header: TarHeader) throws -> [UInt8] {
    let bytes = try input.read(header.size)
    let padding = try input.read(TarHeader.padding(after: header.size))
    guard bytes.count == header.size, padding.count == TarHeader.padding(after: header.size) else {
      throw DioptraError.damagedImages("its end is missing")
    }
    guard padding.allSatisfy({ $0 == 0 }) else { throw damage }
    return bytes
  }

  private func readEnd() throws {
    let end = try input.read(2 * TarHeader.blockSize + 1)
    guard end.count >= 2 * TarHeader.blockSize else { throw DioptraError.damagedImages("its end is missing") }
    guard end.count == 2 * TarHeader.blockSize, end.allSatisfy({ $0 == 0 }) else {
      throw DioptraError.damagedImages("something follows its end")
    }
  }

  private var damage: DioptraError {
    let place = members.isEmpty ? "before its first image" : "after \(members.last?.member.shownName ?? "")"
    return DioptraError.damagedImages("it is damaged \(place)")
  }
}
