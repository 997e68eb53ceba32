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

  /// For people, without an article.
  package var text: String {
    switch self {
    case .file: "file"
    case .folder: "folder"
    case .link: "symbolic link"
    case .other: "special file"
    }
  }
}

/// Read-only queries about a folder. No symbolic link is followed.
extension ConfinedFolder {
  /// What is at a path; nil if nothing.
  public func entry(_ path: String) throws(DioptraError) -> Entry? {
    guard let parent = try openParent(of: path, creating: nil) else { return nil }
    defer { parent.close() }
    if let entry = Self.entry(parent.name, in: parent.descriptor) { return entry }
    if errno == ENOENT { return nil }
    throw failure("looked at", path)
  }

  /// What has a name in the folder; nil if nothing, or if it is inaccessible.
  package static func entry(_ name: UnsafePointer<CChar>, in parent: Int32) -> Entry? {
    var status = stat()
    return fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? Entry(status) : nil
  }

  /// Whether users other than a file's owner are kept from reading it, by its own permission bits or those of a folder
  /// above.
  package func isClosed(_ path: String) -> Bool {
    let parts = path.pathParts
    return parts.indices.contains { index in
      let mode = permissions(of: parts[...index].joined(separator: "/"))
      return mode.map { $0 & (index == parts.count - 1 ? 0o004 : 0o001) == 0 } ?? false
    }
  }

  /// The permission bits at a path, of the target for a link; nil if there is nothing.
  package func permissions(of path: String) -> UInt32? {
    guard let parent = try? openParent(of: path, creating: nil) else { return nil }
    defer { parent.close() }
    var status = stat()
    return fstatat(parent.descriptor, parent.name, &status, 0) == 0 ? status.st_mode & 0o7777 : nil
  }

  /// The number of hard links of a file; 0 if there is none.
  public func linkCount(_ path: String) throws(DioptraError) -> Int {
    guard let parent = try openParent(of: path, creating: nil) else { return 0 }
    defer { parent.close() }
    var status = stat()
    return fstatat(parent.descriptor, parent.name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? Int(status.st_nlink) : 0
  }

  /// The bytes of a regular file; nil if there is none.
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

  /// The target of a symbolic link; nil if there is none.
  package func linkTarget(_ path: String) throws(DioptraError) -> String? {
    guard let parent = try openParent(of: path, creating: nil) else { return nil }
    defer { parent.close() }
    var target = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlinkat(parent.descriptor, parent.name, &target, target.count)
    return count < 0 ? nil : String(exactly: target.prefix(count).map { UInt8(bitPattern: $0) })
  }
}
