internal import Crypto
internal import CryptoExtras
internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import FoundationEssentials

/// Encrypts a backup with a passphrase.
///
/// The file begins with `header`: a magic number, the cost of scrypt and a salt. Then come pieces of 64 KiB, the last
/// of which may be shorter, each sealed with AES-256-GCM under the key that scrypt derives from passphrase and salt. A
/// piece's nonce is its number and whether it is the last one, and the header is authenticated with every piece: no
/// piece can be changed, moved or left out.
struct BackupSeal {
  /// The size of a piece before it is sealed.
  static let pieceSize = 64 << 10
  /// The number of bytes that sealing adds to a piece.
  static let overhead = 16
  /// The last number is the version of the format.
  static let magic = Array("dioptra sealed".utf8) + [0, 1]
  static let headerSize = magic.count + 1 + saltSize
  private static let saltSize = 32
  /// Requires 128 MiB of memory and a good part of a second.
  static let cost: UInt8 = 17
  /// The limit for files, four times that.
  private static let highestCost: UInt8 = 19

  let header: [UInt8]
  private let key: SymmetricKey

  /// The seal for a new file.
  ///
  /// - Parameter cost: The binary logarithm of scrypt's N; r is 8 and p is 1.
  init(passphrase: String, cost: UInt8 = cost) throws {
    var generator = SystemRandomNumberGenerator()
    let salt = (0..<Self.saltSize).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    try self.init(header: Self.magic + [cost] + salt, passphrase: passphrase)
  }

  /// The seal for a file with a header.
  init(header: [UInt8], passphrase: String) throws {
    guard header.count == Self.headerSize, header.starts(with: Self.magic) else {
      throw DioptraError(
        .versionUnsupported, "the file is encrypted in a way that this dioptra does not know",
        remedy: "Use the newest \(install: "dioptra")")
    }
    let cost = header[Self.magic.count]
    guard cost > 0, cost <= Self.highestCost else { throw Self.damaged("its first bytes are damaged") }
    self.header = header
    key = try KDF.Scrypt.deriveKey(
      from: Array(passphrase.utf8), salt: Array(header[(Self.magic.count + 1)...]), outputByteCount: 32,
      rounds: 1 << Int(cost), blockSize: 8, parallelism: 1)
  }

  /// - Parameter number: From 0.
  func seal(_ piece: [UInt8], number: UInt32, isLast: Bool) throws -> [UInt8] {
    let box = try AES.GCM.seal(
      piece, using: key, nonce: try Self.nonce(number, isLast: isLast), authenticating: header)
    return Array(box.ciphertext) + Array(box.tag)
  }

  /// - Returns: nil if it was not sealed with this key, number and position.
  func open(_ sealed: [UInt8], number: UInt32, isLast: Bool) throws -> [UInt8]? {
    guard sealed.count >= Self.overhead else { return nil }
    let box = try AES.GCM.SealedBox(
      nonce: try Self.nonce(number, isLast: isLast), ciphertext: sealed.dropLast(Self.overhead),
      tag: sealed.suffix(Self.overhead))
    return (try? AES.GCM.open(box, using: key, authenticating: header)).map(Array.init)
  }

  private static func nonce(_ number: UInt32, isLast: Bool) throws -> AES.GCM.Nonce {
    let counter = (0..<4).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    return try AES.GCM.Nonce(data: [UInt8](repeating: 0, count: 7) + counter + [isLast ? 1 : 0])
  }

  static func damaged(_ cause: String) -> DioptraError {
    DioptraError(
      .backupInvalid, "the backup cannot be used: \(cause)", remedy: "Take another copy of it, or an older backup")
  }
}
