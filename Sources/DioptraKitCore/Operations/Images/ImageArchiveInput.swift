internal import Crypto
internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import Glibc

/// Reads the bytes of a file of images from its beginning, or from a place in it.
final class ImageArchiveInput {
  /// The number of bytes read at once.
  private static let pieceSize = 1 << 20

  private let descriptor: Int32
  private var hash = SHA256()
  /// The number of bytes read so far.
  private(set) var count = 0

  /// - Parameter descriptor: Stays open; its own position is not used.
  init(_ descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// SHA-256 of everything read so far.
  var digest: DioptraSystem.Digest { Digest(hash.finalize()) }
  /// The same, to be continued.
  var progress: SHA256 { hash }

  /// The next bytes; fewer than requested only at the end of the file.
  func read(_ limit: Int) throws -> [UInt8] {
    let bytes = try Self.read(descriptor, at: count, limit)
    hash.update(data: bytes)
    count += bytes.count
    return bytes
  }

  static func read(_ descriptor: Int32, at place: Int, _ limit: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < limit {
      try Task.checkCancellation()
      var piece = [UInt8](repeating: 0, count: min(limit - bytes.count, pieceSize))
      let size = pread(descriptor, &piece, piece.count, place + bytes.count)
      if size < 0, errno == EINTR { continue }
      guard size >= 0 else { throw DioptraError.system("the file of images cannot be read", remedy: "Check the disk") }
      if size == 0 { break }
      bytes += piece[..<size]
    }
    return bytes
  }
}
