internal import CLinux
internal import Glibc

/// A temporary sibling that is being written; see `ConfinedFolder.openStaged`.
package final class StagedFile {
  /// A large file is written to disk in pieces of this size, with at most two pending, so that ending the program takes
  /// no longer than that.
  private static let piece = 8 << 20
  private var total = 0
  package let descriptor: Int32
  private let path: String
  private let mode: UInt32
  /// The file that it will replace; negative if there is none.
  private let replaced: Int32

  package init(_ descriptor: Int32, path: String, mode: UInt32, replacing replaced: Int32 = -1) {
    self.replaced = replaced
    self.descriptor = descriptor
    self.path = path
    self.mode = mode
  }

  deinit {
    // A program that is being started has the descriptor too, until it begins, and with it the lock.
    flock(descriptor, LOCK_UN)
    close(descriptor)
    if replaced >= 0 { close(replaced) }
  }

  package func write(_ bytes: [UInt8]) throws(DioptraError) {
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
    let former = total / Self.piece
    total += written
    for piece in former..<(total / Self.piece) {
      // A write error is reported by the sync at the end.
      _ = sync_file_range(descriptor, piece * Self.piece, Self.piece, 2)
      if piece > 1 { _ = sync_file_range(descriptor, (piece - 2) * Self.piece, Self.piece, 7) }
    }
  }

  /// Sets the file's permissions, and the attributes of the file that it replaces.
  ///
  /// - Parameter synced: Whether the bytes are on disk when this returns.
  package func finish(synced: Bool) throws(DioptraError) {
    var status = stat()
    // Only its owner may change them, and most files have the right ones already.
    guard fstat(descriptor, &status) == 0, status.st_mode & 0o7777 == mode || fchmod(descriptor, mode) == 0 else {
      throw failure("written")
    }
    keepAttributes()
    guard !synced || fsync(descriptor) == 0 else { throw failure("written") }
  }

  private func keepAttributes() {
    var status = stat()
    guard replaced >= 0, fstat(replaced, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
    FileAttributes(of: replaced).give(to: descriptor, old: status.st_mode & 0o7777, mode: mode)
  }

  private func failure(_ action: String) -> DioptraError {
    .system("\(path) cannot be \(action)", remedy: "Check the path, the permissions and the free space")
  }
}
