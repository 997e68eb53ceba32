internal import Crypto
internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// Reads a backup entry by entry.
final class BackupReader {
  /// The number of bytes passed on at once.
  static let pieceSize = 256 << 10
  /// The largest entry that is held in memory.
  private static let limit = 256 << 20

  private let input: BackupInput
  let origin: BackupOrigin
  /// The unread bytes of the current entry, and the padding of its last block.
  private var rest = 0
  private var padding = 0
  private var hash = SHA256()

  /// Reads the first entry.
  ///
  /// - Throws: `DioptraError` if the file is not a backup, or a newer program's.
  init(_ input: BackupInput) throws {
    self.input = input
    let first: [UInt8]
    let noBackup = DioptraError(
      .backupInvalid, "the file is not a backup of dioptra", remedy: "Give one that \(dioptra: "backup") made")
    let block = try input.read(TarHeader.blockSize)
    guard let header = TarHeader(block: block), header.name == BackupOrigin.entry, header.size < 1 << 20 else {
      throw noBackup
    }
    first = try input.read(header.size)
    _ = try input.read(TarHeader.padding(after: header.size))
    let form = try BackupJSON.decoded(Form.self, first)
    guard form.format <= BackupOrigin.format else {
      throw DioptraError(
        .versionUnsupported, "the backup was made by a newer dioptra",
        remedy: "Use that version of \(install: "dioptra") or a newer one")
    }
    origin = try BackupJSON.decoded(BackupOrigin.self, first)
    try origin.check()
  }

  private struct Form: Decodable {
    let format: Int
  }

  /// The next entry; nil at the end of the archive.
  func next() throws -> TarHeader? {
    while try piece() != nil {}
    _ = try input.read(padding)
    var name: String?
    while true {
      let block = try input.read(TarHeader.blockSize)
      guard block.count == TarHeader.blockSize else { throw BackupSeal.damaged("its end is missing") }
      if block.allSatisfy({ $0 == 0 }) {
        guard try input.read(TarHeader.blockSize + 1) == [UInt8](repeating: 0, count: TarHeader.blockSize) else {
          throw BackupSeal.damaged("something follows its end")
        }
        (rest, padding) = (0, 0)
        return nil
      }
      guard var header = TarHeader(block: block) else { throw BackupSeal.damaged("it is damaged") }
      try Task.checkCancellation()
      rest = header.size
      padding = TarHeader.padding(after: header.size)
      hash = SHA256()
      guard header.kind == .extended else {
        if let name { header.name = name }
        if header.kind == .folder, header.name.utf8.last == UInt8(ascii: "/") {
          header.name.unicodeScalars.removeLast()
        }
        return header
      }
      guard name == nil, header.size < 1 << 16, let given = TarHeader.name(inExtended: try content()) else {
        throw BackupSeal.damaged("it is damaged")
      }
      _ = try input.read(padding)
      name = given
    }
  }

  /// The next bytes of the current entry; nil at its end.
  func piece() throws -> [UInt8]? {
    guard rest > 0 else { return nil }
    let bytes = try input.read(min(rest, Self.pieceSize))
    guard bytes.count == min(rest, Self.pieceSize) else { throw BackupSeal.damaged("its end is missing") }
    rest -= bytes.count
    hash.update(data: bytes)
    return bytes
  }

  /// All bytes of the current entry.
  func content(limit: Int = limit) throws -> [UInt8] {
    guard rest <= limit else { throw BackupSeal.damaged("an entry is too long") }
    var bytes: [UInt8] = []
    while let piece = try piece() { bytes += piece }
    return bytes
  }

  /// SHA-256 of what was read of the current entry.
  var digest: DioptraSystem.Digest { Digest(hash.finalize()) }
}
