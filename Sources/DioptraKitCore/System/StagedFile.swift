internal import Glibc

/// A file beside its place while it is written; see `ConfinedFolder.openStaged`.
final class StagedFile {
  let descriptor: Int32
  private let path: String
  private let mode: UInt32

  init(_ descriptor: Int32, path: String, mode: UInt32) {
    self.descriptor = descriptor
    self.path = path
    self.mode = mode
  }

  deinit {
    close(descriptor)
  }

  func write(_ bytes: [UInt8]) throws(DioptraError) {
    var written = 0
    while written < bytes.count {
      guard FaultInjection.mayProceed() else { throw failure("written") }
      let count = bytes.withUnsafeBytes { buffer in
        let rest = UnsafeRawBufferPointer(rebasing: buffer[written...])
        return Glibc.write(descriptor, rest.baseAddress, rest.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure("written") }
      written += count
    }
  }

  /// Gives the file its permissions.
  ///
  /// - Parameter synced: Whether the bytes are on the disk when this returns.
  func finish(synced: Bool) throws(DioptraError) {
    var status = stat()
    // Only its owner may give it others, and most have the right ones from birth.
    guard fstat(descriptor, &status) == 0, status.st_mode & 0o7777 == mode || fchmod(descriptor, mode) == 0,
      !synced || fsync(descriptor) == 0
    else { throw failure("written") }
  }

  private func failure(_ action: String) -> DioptraError {
    .system("\(path) cannot be \(action)", remedy: "Check the path, the permissions and the free space")
  }
}
