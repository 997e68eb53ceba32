internal import Crypto
internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// Writes the bytes of a backup, and encrypts them if there is a seal.
final class BackupOutput {
  private let file: StagedFile
  private let seal: BackupSeal?
  private var open: [UInt8] = []
  private var number: UInt32 = 0
  private var hash = SHA256()
  /// The number of bytes in the file.
  private(set) var count = 0

  init(_ file: StagedFile, seal: BackupSeal?) throws {
    self.file = file
    self.seal = seal
    open.reserveCapacity(BackupSeal.pieceSize)
    if let seal { try deliver(seal.header) }
  }

  func write(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      // The last piece is only known at the end.
      if open.count == BackupSeal.pieceSize { try deliverPiece(isLast: false) }
      let part = rest.prefix(BackupSeal.pieceSize - open.count)
      open += part
      rest = rest.dropFirst(part.count)
    }
  }

  /// Completes the file, which is then on disk.
  ///
  /// - Returns: SHA-256 of the file's bytes.
  func finish() throws -> DioptraSystem.Digest {
    try deliverPiece(isLast: true)
    try file.finish(synced: true)
    return Digest(hash.finalize())
  }

  private func deliverPiece(isLast: Bool) throws {
    guard number < .max else {
      throw DioptraError(
        .backupInvalid, "the backup is larger than 256 TiB", remedy: "Leave the data out with --without-data")
    }
    try deliver(try seal?.seal(open, number: number, isLast: isLast) ?? open)
    number += 1
    open.removeAll(keepingCapacity: true)
  }

  private func deliver(_ bytes: [UInt8]) throws {
    try Task.checkCancellation()
    try file.write(bytes)
    hash.update(data: bytes)
    count += bytes.count
  }
}
