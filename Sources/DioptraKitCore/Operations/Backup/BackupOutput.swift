internal import Crypto
internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// The bytes of a backup on their way to the disk: sealed where there is a seal.
final class BackupOutput {
  private let file: StagedFile
  private let seal: BackupSeal?
  private var open: [UInt8] = []
  private var number: UInt32 = 0
  private var hash = SHA256()
  /// Bytes that are in the file.
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
      // Which piece is the last one is known when there is more, or nothing more.
      if open.count == BackupSeal.pieceSize { try deliverPiece(isLast: false) }
      let part = rest.prefix(BackupSeal.pieceSize - open.count)
      open += part
      rest = rest.dropFirst(part.count)
    }
  }

  /// Ends the file, which is on the disk when this returns.
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
