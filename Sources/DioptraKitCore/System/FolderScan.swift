internal import Crypto
internal import Glibc

/// Inspects many files of a folder in one walk: what is at each path, and what else is in some folders.
///
/// Always compares content; read-only, follows no link and keeps no content.
package struct FolderScan {
  /// What is at a path.
  package enum Found: Equatable {
    case absent
    case file(Facts)
    case other(ConfinedFolder.Entry)
  }

  package struct Facts: Equatable {
    package let mode: UInt32
    package let owner: Owner
    /// SHA-256 of the bytes; nil if the file is unreadable or too large to compare.
    package let digest: Digest?
    package let isTooLarge: Bool
    /// Whether it contains a byte that private-use characters begin with.
    package let mayHoldMarks: Bool
  }

  package struct Owner: Equatable {
    package let user: UInt32
    package let group: UInt32
  }

  /// An entry that no expected path leads to.
  package struct UntrackedEntry: Equatable {
    package let path: DiskPath
    package let kind: ConfinedFolder.Entry
  }

  /// In the order of the given paths.
  package private(set) var found: [Found]
  /// Everything except folders in the searched folders.
  package private(set) var untracked: [UntrackedEntry] = []
  /// Entries in place of expected folders.
  package private(set) var blocked: [UntrackedEntry] = []

  private var buffer = [UInt8](repeating: 0, count: 16 << 10)
  private let paths: [[UInt8]]
  /// Unknown folders are searched to this depth.
  private static let depth = 40

  /// - Parameters:
  ///   - paths: Files, each at a path inside the folder.
  /// - searched: Folders whose other entries are reported, including subfolders.
  package init(of folder: ConfinedFolder, paths: [String], searched: [String]) throws(DioptraError) {
    self.paths = paths.map(\.exactBytes)
    found = Array(repeating: .absent, count: paths.count)
    let root = try ScanNode(paths: self.paths, searched: searched)
    try scan(root, folder.descriptor, [], isSearched: false)
  }

  // MARK: Walking

  private mutating func scan(
    _ node: ScanNode, _ descriptor: Int32, _ path: [UInt8], isSearched: Bool, depth: Int = 0
  ) throws(DioptraError) {
    for file in node.files {
      found[file.index] = try look(at: paths[file.index], nameAt: file.nameStart, in: descriptor)
    }
    if isSearched { try search(node, descriptor, path, depth) }
    for child in node.children {
      let childPath = path + (path.isEmpty ? [] : [UInt8(ascii: "/")]) + child.name
      let next = child.name.withName { openat(descriptor, $0, Self.folderFlags) }
      guard next >= 0 else {
        try block(child, descriptor, childPath)
        continue
      }
      defer { close(next) }
      try scan(child, next, childPath, isSearched: isSearched || child.isSearched, depth: depth)
    }
  }

  private static let folderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC

  /// Handles a folder that cannot be opened: it is missing, or is something else.
  private mutating func block(_ node: ScanNode, _ parent: Int32, _ path: [UInt8]) throws(DioptraError) {
    let code = errno
    if code == ENOENT { return }
    guard code == ENOTDIR || code == ELOOP else { throw Self.failure(path, code) }
    let entry = node.name.withName { ConfinedFolder.entry($0, in: parent) } ?? .other
    if node.isKnown {
      blocked.append(UntrackedEntry(path: DiskPath(bytes: path), kind: entry))
    } else {
      untracked.append(UntrackedEntry(path: DiskPath(bytes: path), kind: entry))
    }
  }

  /// Collects untracked entries.
  private mutating func search(
    _ node: ScanNode, _ descriptor: Int32, _ path: [UInt8], _ depth: Int
  ) throws(DioptraError) {
    let names = try Self.names(in: descriptor, path)
    let known = Set(node.files.map { Array(paths[$0.index].dropFirst($0.nameStart)) } + node.children.map(\.name))
    for name in names where !known.contains(name) {
      let place = path + [UInt8(ascii: "/")] + name
      guard let entry = name.withName({ ConfinedFolder.entry($0, in: descriptor) }) else { continue }
      guard entry == .folder, depth < Self.depth else {
        untracked.append(UntrackedEntry(path: DiskPath(bytes: place), kind: entry))
        continue
      }
      let next = name.withName { openat(descriptor, $0, Self.folderFlags) }
      guard next >= 0 else {
        if errno == ENOENT { continue }
        throw Self.failure(place, errno)
      }
      defer { close(next) }
      try scan(ScanNode(name: name), next, place, isSearched: true, depth: depth + 1)
    }
  }

  private static func names(in descriptor: Int32, _ path: [UInt8]) throws(DioptraError) -> [[UInt8]] {
    let copy = openat(descriptor, ".", folderFlags)
    guard copy >= 0, let stream = fdopendir(copy) else { throw failure(path, errno) }
    defer { closedir(stream) }
    var names: [[UInt8]] = []
    while let entry = readdir(stream) {
      if !entry.isDots { names.append(entry.name) }
    }
    return names.sorted { $0.lexicographicallyPrecedes($1) }
  }

  // MARK: One file

  private mutating func look(
    at path: [UInt8], nameAt start: Int, in parent: Int32
  ) throws(DioptraError) -> Found {
    let name = path[start...].map { CChar(bitPattern: $0) } + [0]
    var status = stat()
    guard fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
      if errno == ENOENT { return .absent }
      throw Self.failure(path, errno)
    }
    guard status.st_mode & S_IFMT == S_IFREG else { return .other(ConfinedFolder.Entry(status)) }
    guard status.st_size <= ConfinedFolder.comparable else {
      return .file(Facts(status, digest: nil, isTooLarge: true, mayHoldMarks: false))
    }
    let file = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else {
      switch errno {
      case ENOENT: return .absent
      case ELOOP: return .other(.link)
      case EACCES: return .file(Facts(status, digest: nil, mayHoldMarks: false))
      default: throw Self.failure(path, errno)
      }
    }
    defer { close(file) }
    var hash = SHA256()
    var mayHoldMarks = false
    while true {
      let count = buffer.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Self.failure(path, errno) }
      if count == 0 { break }
      buffer.withUnsafeBytes { bytes in
        guard let start = bytes.baseAddress else { return }
        hash.update(bufferPointer: UnsafeRawBufferPointer(start: start, count: count))
        if memchr(start, Int32(Self.markByte), count) != nil { mayHoldMarks = true }
      }
    }
    return .file(Facts(status, digest: Digest(hash.finalize()), mayHoldMarks: mayHoldMarks))
  }

  /// The first byte of the characters that delimit secrets in stored text; files may contain it too.
  private static let markByte: UInt8 = 0xEE

  private static func failure(_ path: [UInt8], _ code: Int32) -> DioptraError {
    errno = code
    return .system(
      "\(DiskPath(bytes: path).text) cannot be looked at",
      remedy: "Check your permissions; perhaps another user has to run the command")
  }
}

extension FolderScan.Facts {
  fileprivate init(_ status: stat, digest: Digest?, isTooLarge: Bool = false, mayHoldMarks: Bool) {
    self.init(
      mode: status.st_mode & 0o7777, owner: FolderScan.Owner(user: status.st_uid, group: status.st_gid), digest: digest,
      isTooLarge: isTooLarge, mayHoldMarks: mayHoldMarks)
  }
}

extension ConfinedFolder {
  /// The size of a file in bytes; 0 for anything else.
  package func size(of path: String) throws(DioptraError) -> Int {
    guard case .file? = try entry(path), let file = try openToLook(path) else { return 0 }
    defer { close(file) }
    var status = stat()
    return fstat(file, &status) == 0 ? Int(status.st_size) : 0
  }

  /// The owner of what is at a path; nil if there is nothing.
  package func owner(of path: String) -> FolderScan.Owner? {
    var status = stat()
    // A query; it opens nothing.
    guard fstatat(descriptor, path, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
    return FolderScan.Owner(user: status.st_uid, group: status.st_gid)
  }
}

extension ConfinedFolder {
  /// The largest file that is compared, merged or recorded, in bytes.
  package static let comparable = 16 << 20
}
