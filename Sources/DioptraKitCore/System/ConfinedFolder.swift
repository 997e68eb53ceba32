internal import Glibc

/// A folder of the file system whose paths never lead out of it: each part of a path is opened by itself, and a symbolic
/// link on the way is an error.
public final class ConfinedFolder: Sendable {
  /// What stands at a path.
  public enum Entry: Equatable, Sendable {
    /// A regular file with its permission bits.
    case file(mode: UInt32)
    case folder
    case link
    case other
  }

  /// The absolute path.
  public let path: String
  private let descriptor: Int32

  /// Opens a folder that exists.
  public init(path: String) throws(DioptraError) {
    descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .system("the folder \(path) cannot be opened", remedy: "Check the path and your permissions")
    }
    self.path = path
  }

  deinit {
    close(descriptor)
  }

  /// What stands at a path; nil when nothing does.
  public func entry(_ path: String) throws(DioptraError) -> Entry? {
    guard let parent = try openParent(of: path, creating: nil) else { return nil }
    defer { parent.close() }
    var status = stat()
    guard fstatat(parent.descriptor, parent.name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
      if errno == ENOENT { return nil }
      throw failure("looked at", path)
    }
    return switch status.st_mode & S_IFMT {
    case S_IFREG: .file(mode: status.st_mode & 0o7777)
    case S_IFDIR: .folder
    case S_IFLNK: .link
    default: .other
    }
  }

  /// The bytes of a regular file; nil when there is none.
  public func read(_ path: String) throws(DioptraError) -> [UInt8]? {
    guard let parent = try openParent(of: path, creating: nil) else { return nil }
    defer { parent.close() }
    let file = openat(parent.descriptor, parent.name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else {
      if errno == ENOENT { return nil }
      throw failure("read", path)
    }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw DioptraError("\(path) is not a regular file", remedy: "Move it away, or put a file in its place")
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size) + 1)
    var count = 0
    while true {
      let size = bytes.withUnsafeMutableBytes { buffer in
        let free = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
        return Glibc.read(file, free.baseAddress, free.count)
      }
      guard size >= 0 else { throw failure("read", path) }
      if size == 0 { break }
      count += size
      if count == bytes.count { bytes.append(contentsOf: repeatElement(0, count: count)) }
    }
    return Array(bytes[..<count])
  }

  /// Puts a file in place, whole or not at all: written beside its place with its mode, synced, then renamed.
  ///
  /// - Parameters:
  ///   - mode: The permission bits, whatever the process's mask.
  ///   - folderMode: The permission bits of folders that are made on the way.
  public func write(
    _ path: String, _ bytes: [UInt8], mode: UInt32, folderMode: UInt32 = 0o755
  ) throws(DioptraError) {
    guard let parent = try openParent(of: path, creating: folderMode) else { throw failure("written", path) }
    defer { parent.close() }
    let temporary = ".\(parent.name).new"
    unlinkat(parent.descriptor, temporary, 0)
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let file = openat(parent.descriptor, temporary, flags, mode & 0o700)
    guard file >= 0 else { throw failure("written", path) }
    do throws(DioptraError) {
      defer { close(file) }
      try write(bytes, to: file, path)
      guard fchmod(file, mode) == 0, fsync(file) == 0 else { throw failure("written", path) }
    } catch {
      unlinkat(parent.descriptor, temporary, 0)
      throw error
    }
    guard renameat(parent.descriptor, temporary, parent.descriptor, parent.name) == 0 else {
      let error = failure("written", path)
      unlinkat(parent.descriptor, temporary, 0)
      throw error
    }
  }

  /// Makes a folder, and those on the way to it, unless it is there.
  public func makeFolder(_ path: String, mode: UInt32) throws(DioptraError) {
    try openParent(of: path + "/.", creating: mode)?.close()
  }

  private func write(_ bytes: [UInt8], to file: Int32, _ path: String) throws(DioptraError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        let rest = UnsafeRawBufferPointer(rebasing: buffer[written...])
        return Glibc.write(file, rest.baseAddress, rest.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure("written", path) }
      written += count
    }
  }

  private struct Parent {
    let descriptor: Int32
    let name: String

    func close() {
      Glibc.close(descriptor)
    }
  }

  /// Opens the folder that a path's last part stands in.
  ///
  /// - Parameter creating: The mode of folders that are missing; nil to give nil instead.
  private func openParent(of path: String, creating mode: UInt32?) throws(DioptraError) -> Parent? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard let name = parts.last, !parts.contains(where: { $0.isEmpty || $0 == ".." || $0.utf8.contains(0) }) else {
      throw DioptraError("\(path.quoted) is not a path inside the folder", remedy: "Give a path without '..'")
    }
    var current = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard current >= 0 else { throw failure("opened", path) }
    for part in parts.dropLast() {
      let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
      var next = openat(current, part, flags)
      if next < 0, errno == ENOENT {
        guard let mode else {
          close(current)
          return nil
        }
        // Another process may have made it meanwhile; opening it decides.
        if mkdirat(current, part, mode) == 0 { fchmodat(current, part, mode, 0) }
        next = openat(current, part, flags)
      }
      guard next >= 0 else {
        let error = failure("opened: '\(part)' has to be a folder and no link", path)
        close(current)
        throw error
      }
      close(current)
      current = next
    }
    return Parent(descriptor: current, name: name)
  }

  private func failure(_ action: String, _ path: String) -> DioptraError {
    .system("\(self.path)/\(path) cannot be \(action)", remedy: "Check the path, the permissions and the free space")
  }
}
