internal import Crypto
internal import CryptoExtras
internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import FoundationEssentials

/// What makes a backup of no use to those without its passphrase.
///
/// The file begins with `header`: a mark, the cost of scrypt and a salt. Then come pieces of 64 KiB, the last one shorter
/// or not, each sealed with AES-256-GCM under the key that scrypt makes of passphrase and salt. A piece's nonce is its
/// number and whether it is the last one, and all vouch for the header: no piece can be changed, moved or left out.
struct BackupSeal {
  /// Bytes of a piece before it is sealed.
  static let pieceSize = 64 << 10
  /// What sealing adds to a piece.
  static let overhead = 16
  /// The last number is the version of the form.
  static let mark = Array("dioptra sealed".utf8) + [0, 1]
  static let headerSize = mark.count + 1 + saltSize
  private static let saltSize = 32
  /// Memory of 128 MiB, which takes a good part of a second.
  static let cost: UInt8 = 17
  /// A file may ask for no more than four times that.
  private static let highestCost: UInt8 = 19

  let header: [UInt8]
  private let key: SymmetricKey

  /// The seal of a new file.
  ///
  /// - Parameter cost: The binary logarithm of scrypt's N; r is 8 and p is 1.
  init(passphrase: String, cost: UInt8 = cost) throws {
    var generator = SystemRandomNumberGenerator()
    let salt = (0..<Self.saltSize).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    try self.init(header: Self.mark + [cost] + salt, passphrase: passphrase)
  }

  /// The seal of a file that begins with a header.
  init(header: [UInt8], passphrase: String) throws {
    guard header.count == Self.headerSize, header.starts(with: Self.mark) else {
      throw DioptraError(
        .versionUnsupported, "the file is encrypted in a way that this dioptra does not know",
        remedy: "Use the newest \(install: "dioptra")")
    }
    let cost = header[Self.mark.count]
    guard cost > 0, cost <= Self.highestCost else { throw Self.damaged("its first bytes are damaged") }
    self.header = header
    key = try KDF.Scrypt.deriveKey(
      from: Array(passphrase.utf8), salt: Array(header[(Self.mark.count + 1)...]), outputByteCount: 32,
      rounds: 1 << Int(cost), blockSize: 8, parallelism: 1)
  }

  /// - Parameter number: Counted from 0.
  func seal(_ piece: [UInt8], number: UInt32, isLast: Bool) throws -> [UInt8] {
    let box = try AES.GCM.seal(
      piece, using: key, nonce: try Self.nonce(number, isLast: isLast), authenticating: header)
    return Array(box.ciphertext) + Array(box.tag)
  }

  /// - Returns: nil for what was not sealed so.
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
