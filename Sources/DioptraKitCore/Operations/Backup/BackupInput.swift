internal import Crypto
internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import Glibc

/// Reads the bytes of a backup, and decrypts them if necessary.
final class BackupInput {
  private let descriptor: Int32
  private var seal: BackupSeal?
  /// Read but not yet requested.
  private var ready: [UInt8] = []
  private var position = 0
  /// The piece after the ready ones, still sealed.
  private var next: [UInt8] = []
  private var number: UInt32 = 0
  private var hash = SHA256()
  /// The number of bytes read from the file.
  private(set) var count = 0
  let isEncrypted: Bool

  /// - Parameter descriptor: The file, at its beginning; closed with this value.
  init(_ descriptor: Int32) throws {
    self.descriptor = descriptor
    let beginning = try Self.read(descriptor, BackupSeal.magic.count)
    isEncrypted = beginning.dropLast() == BackupSeal.magic.dropLast()
    hash.update(data: beginning)
    count = beginning.count
    ready = beginning
  }

  deinit {
    close(descriptor)
  }

  /// The seal of the file for a passphrase.
  func seal(_ passphrase: String) throws -> BackupSeal {
    ready += try take(BackupSeal.headerSize - ready.count)
    return try BackupSeal(header: ready, passphrase: passphrase)
  }

  /// Starts to decrypt.
  ///
  /// - Parameter seal: Created from the file's header.
  /// - Throws: `DioptraError` for a wrong passphrase.
  func unseal(_ seal: BackupSeal) throws {
    if count < BackupSeal.headerSize { ready += try take(BackupSeal.headerSize - count) }
    guard ready == seal.header else { throw BackupSeal.damaged("its first bytes are damaged") }
    self.seal = seal
    ready = []
    next = try take(BackupSeal.pieceSize + BackupSeal.overhead)
    guard try fill() else { throw BackupSeal.damaged("it ends after its first bytes") }
  }

  /// The next bytes; fewer than requested only at the end of the file.
  func read(_ limit: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(limit)
    while bytes.count < limit {
      if position == ready.count, try !fill() { break }
      let end = min(ready.count, position + limit - bytes.count)
      bytes += ready[position..<end]
      position = end
    }
    return bytes
  }

  /// SHA-256 of the file's bytes, after all have been read.
  func finish() -> DioptraSystem.Digest { Digest(hash.finalize()) }

  /// Prepares the next bytes.
  ///
  /// - Returns: Whether there are any.
  private func fill() throws -> Bool {
    position = 0
    guard let seal else {
      ready = try take(BackupSeal.pieceSize)
      return !ready.isEmpty
    }
    ready = []
    guard !next.isEmpty else { return false }
    let sealed = next
    next =
      sealed.count < BackupSeal.pieceSize + BackupSeal.overhead
      ? [] : try take(BackupSeal.pieceSize + BackupSeal.overhead)
    let isLast = next.isEmpty
    guard let piece = try seal.open(sealed, number: number, isLast: isLast) else {
      throw try cause(sealed, seal, isLast)
    }
    ready = piece
    number += 1
    return !piece.isEmpty
  }

  /// Why a piece cannot be decrypted.
  private func cause(_ sealed: [UInt8], _ seal: BackupSeal, _ isLast: Bool) throws -> DioptraError {
    if isLast, try seal.open(sealed, number: number, isLast: false) != nil {
      return BackupSeal.damaged("its end is missing")
    }
    guard number == 0 else {
      return BackupSeal.damaged(isLast ? "it is damaged or its end is missing" : "it is damaged")
    }
    return DioptraError(
      .passphraseInvalid, "the passphrase is not that of the backup, or the backup is damaged at its beginning",
      remedy: "Give the passphrase that it was made with")
  }

  private func take(_ limit: Int) throws -> [UInt8] {
    try Task.checkCancellation()
    let bytes = try Self.read(descriptor, limit)
    hash.update(data: bytes)
    count += bytes.count
    return bytes
  }

  private static func read(_ descriptor: Int32, _ limit: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: limit)
    var count = 0
    while count < limit {
      let size = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(descriptor, UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).baseAddress, limit - count)
      }
      if size < 0, errno == EINTR { continue }
      guard size >= 0 else { throw DioptraError.system("the backup cannot be read", remedy: "Check the disk") }
      if size == 0 { break }
      count += size
    }
    return Array(bytes[..<count])
  }
}
