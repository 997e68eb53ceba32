internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import Glibc

/// A file of images that was read and verified completely.
final class VerifiedImages {
  let origin: ImageArchiveOrigin
  let members: [ImageArchiveScan.Member]
  /// SHA-256 of the file's bytes.
  let digest: Digest
  /// The size of the file.
  let bytes: Int
  private let path: String
  private let descriptor: Int32

  /// The images, by name.
  var facts: [String: ImageFacts] {
    Dictionary(members.compactMap { item in item.member.image.map { (item.member.name, $0) } }) { first, _ in first }
  }

  /// - Parameter path: Absolute.
  /// - Throws: `DioptraError` with the problem of the file; `CancellationError`.
  init(_ path: String) throws {
    self.path = path
    descriptor = try GivenFile.open(
      path, as: "file of images", remedy: "Give the file that \(dioptra: "images", "save", "FILE") made")
    do {
      let scan = try ImageArchiveScan(descriptor)
      if let fault = scan.fault { throw fault }
      guard let origin = scan.origin else { throw DioptraError.damagedImages("it is damaged at its beginning") }
      self.origin = origin
      members = scan.members
      digest = scan.digest
      bytes = scan.bytes
    } catch {
      close(descriptor)
      throw error
    }
  }

  deinit {
    close(descriptor)
  }

  /// The bytes of a member. Each part is compared with its digest again before it is passed on.
  ///
  /// - Returns: Returns the next bytes; nil at the end.
  func pieces(of item: ImageArchiveScan.Member) -> () throws -> [UInt8]? {
    var parts = zip(item.member.parts, item.places).makeIterator()
    return { [self] in
      guard let (part, place) = parts.next() else { return nil }
      let bytes = try ImageArchiveInput.read(descriptor, at: place, part.bytes)
      guard Digest(of: bytes).hexadecimal == part.digest else {
        throw DioptraError(.changedMeanwhile, "\(path) was changed while it was read", remedy: "Run the command again")
      }
      return bytes
    }
  }
}
