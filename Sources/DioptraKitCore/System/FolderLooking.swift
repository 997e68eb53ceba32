package import Glibc

extension ConfinedFolder.Entry {
  package init(_ status: stat) {
    switch status.st_mode & S_IFMT {
    case S_IFREG: self = .file(mode: status.st_mode & 0o7777)
    case S_IFDIR: self = .folder
    case S_IFLNK: self = .link
    default: self = .other
    }
  }
}

/// What stands in the folder. Nothing is changed by looking, and no symbolic link is followed.
extension ConfinedFolder {
  /// What stands at a path; nil when nothing does.
  public func entry(_ path: String) throws(DioptraError) -> Entry? {
    guard let parent = try openParent(of: path, creating: nil) else { return nil }
    defer { parent.close() }
    if let entry = Self.entry(parent.name, in: parent.descriptor) { return entry }
    if errno == ENOENT { return nil }
    throw failure("looked at", path)
  }

  /// What stands under a name; nil when nothing does, or it cannot be looked at.
  package static func entry(_ name: UnsafePointer<CChar>, in parent: Int32) -> Entry? {
    var status = stat()
    return fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? Entry(status) : nil
  }

  /// Whether other users than a file's owner cannot read it: by its own permission bits, or those of a folder on the way.
  package func isClosed(_ path: String) -> Bool {
    let parts = path.pathParts
    return parts.indices.contains { index in
      let mode = permissions(of: parts[...index].joined(separator: "/"))
      return mode.map { $0 & (index == parts.count - 1 ? 0o004 : 0o001) == 0 } ?? false
    }
  }

  /// The permission bits of what stands at a path, a link's target for a link; nil when nothing does.
  package func permissions(of path: String) -> UInt32? {
    guard let parent = try? openParent(of: path, creating: nil) else { return nil }
    defer { parent.close() }
    var status = stat()
    return fstatat(parent.descriptor, parent.name, &status, 0) == 0 ? status.st_mode & 0o7777 : nil
  }

  /// Under how many names of the file system a file is known; 0 when nothing is there.
  public func linkCount(_ path: String) throws(DioptraError) -> Int {
    guard let parent = try openParent(of: path, creating: nil) else { return 0 }
    defer { parent.close() }
    var status = stat()
    return fstatat(parent.descriptor, parent.name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? Int(status.st_nlink) : 0
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
      throw DioptraError(
        .fileUnsuitable, "\(path) is not a regular file", remedy: "Move it away, or put a file in its place")
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size) + 1)
    var count = 0
    while true {
      let size = bytes.withUnsafeMutableBytes { buffer in
        let free = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
        return Glibc.read(file, free.baseAddress, free.count)
      }
      if size < 0, errno == EINTR { continue }
      guard size >= 0 else { throw failure("read", path) }
      if size == 0 { break }
      count += size
      if count == bytes.count { bytes.append(contentsOf: repeatElement(0, count: count)) }
    }
    return Array(bytes[..<count])
  }

  /// Opens a folder to read its names; the caller closes it.
  package func openFolder(_ path: String) throws(DioptraError) -> OpaquePointer? {
    guard let parent = try openParent(of: path, creating: nil) else { return nil }
    defer { parent.close() }
    let descriptor = openat(parent.descriptor, parent.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("read", path) }
    guard let stream = fdopendir(descriptor) else {
      Glibc.close(descriptor)
      throw failure("read", path)
    }
    return stream
  }

  /// What a symbolic link leads to; nil when none is there.
  package func linkTarget(_ path: String) throws(DioptraError) -> String? {
    guard let parent = try openParent(of: path, creating: nil) else { return nil }
    defer { parent.close() }
    var target = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlinkat(parent.descriptor, parent.name, &target, target.count)
    return count < 0 ? nil : String(exactly: target.prefix(count).map { UInt8(bitPattern: $0) })
  }
}
