internal import CLinux
internal import Glibc

/// A folder of the file system whose paths never lead out of it: each part of a path is opened by itself, and a symbolic
/// link on the way is an error.
///
/// Of a deployment's folder, what is made in it belongs to the folder's owner, also when root makes it: see `Caller`.
public final class ConfinedFolder: Sendable {
  /// What stands at a path.
  public enum Entry: Equatable, Sendable {
    /// A regular file with its permission bits.
    case file(mode: UInt32)
    case folder
    case link
    case other
  }

  /// The absolute path. Of a deployment's folder it is that of what was opened, without symbolic links.
  public let path: String
  package let descriptor: Int32

  /// Opens a folder that exists and is a deployment's; from then on root works as its owner.
  ///
  /// - Throws: `DioptraError` for the folder of somebody whom the caller does not trust.
  public init(path: String) throws(DioptraError) {
    descriptor = try Self.open(path)
    self.path = Self.path(of: descriptor) ?? path
    try FolderTrust.check(descriptor, path: self.path)
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure("looked at", ".") }
    try Caller.act(as: status.st_uid, group: status.st_gid, at: self.path)
  }

  /// Opens a folder that exists and is no deployment's, whoever owns it.
  public init(outside path: String) throws(DioptraError) {
    descriptor = try Self.open(path)
    self.path = path
  }

  private static func open(_ path: String) throws(DioptraError) -> Int32 {
    let descriptor = Glibc.open(path.diskName, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor < 0 else { return descriptor }
    throw .system("the folder \(path) cannot be opened", remedy: "Check the path and your permissions")
  }

  private static func path(of descriptor: Int32) -> String? {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/fd/\(descriptor)", &path, path.count)
    guard count > 0, path[0] == CChar(bitPattern: UInt8(ascii: "/")) else { return nil }
    return String(exactly: path[..<count].map { UInt8(bitPattern: $0) })
  }

  deinit {
    close(descriptor)
  }

  /// The absolute path without symbolic links: SQLite opens no path that has one, wherever it stands.
  package var canonicalPath: String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(exactly: UnsafeBufferPointer(start: resolved, count: strlen(resolved)).map { UInt8(bitPattern: $0) })
  }

  // MARK: Changing

  /// Puts a file in place, whole or not at all, and on the disk.
  ///
  /// - Parameters:
  ///   - mode: The permission bits, whatever the process's mask.
  ///   - folderMode: The permission bits of folders that are made on the way.
  ///   - synced: Whether the bytes are on the disk when this returns.
  public func write(
    _ path: String, _ bytes: [UInt8], mode: UInt32, folderMode: UInt32 = 0o755, synced: Bool = true
  ) throws(DioptraError) {
    try stage(path, bytes, mode: mode, folderMode: folderMode, synced: synced)
    do {
      try publish(path, synced: synced)
    } catch {
      discardStaged(path)
      throw error
    }
  }

  /// Puts a file in the place of one, whole or not at all, and on the disk.
  ///
  /// - Throws: `DioptraError` where that one does not have the bytes any more that the new ones were made from.
  public func replace(
    _ path: String, _ old: [UInt8], with new: [UInt8], mode: UInt32
  ) throws(DioptraError) {
    try stage(path, new, mode: mode, synced: true)
    do throws(DioptraError) {
      guard try read(path) == old else {
        throw DioptraError("\(path) was changed while dioptra was at work", remedy: "Run the command again")
      }
      try publish(path, synced: true)
    } catch {
      discardStaged(path)
      throw error
    }
  }

  /// Writes a file beside its place, under a name that `publish` gives its own.
  ///
  /// - Parameter synced: Whether the bytes are on the disk when this returns; otherwise `sync` sees to it.
  package func stage(
    _ path: String, _ bytes: [UInt8], mode: UInt32, folderMode: UInt32 = 0o755, synced: Bool = false
  ) throws(DioptraError) {
    let file = try openStaged(path, mode: mode, folderMode: folderMode)
    do throws(DioptraError) {
      try file.write(bytes)
      try file.finish(synced: synced)
    } catch {
      discardStaged(path)
      throw error
    }
  }

  /// Begins to write a file beside its place, for one that is too large to be held in memory: after its `finish`,
  /// `publish` gives it its name.
  package func openStaged(_ path: String, mode: UInt32, folderMode: UInt32 = 0o755) throws(DioptraError) -> StagedFile {
    guard let parent = try openParent(of: path, creating: folderMode) else { throw failure("written", path) }
    defer { parent.close() }
    let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    var file = FaultInjection.mayProceed() ? openat(parent.descriptor, parent.staged, flags, mode & 0o700) : -1
    if file < 0, errno == EEXIST, unlinkat(parent.descriptor, parent.staged, 0) == 0 {
      // What a process left that died.
      file = openat(parent.descriptor, parent.staged, flags, mode & 0o700)
    }
    guard file >= 0 else { throw failure("written", path) }
    let replaced = openat(parent.descriptor, parent.name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    return StagedFile(file, path: "\(self.path)/\(path)", mode: mode, replacing: replaced)
  }

  /// Gives a staged file its name, in place of whatever file has it.
  ///
  /// - Parameter synced: Whether the name is on the disk when this returns; otherwise `sync` sees to it.
  package func publish(_ path: String, synced: Bool = false) throws(DioptraError) {
    guard let parent = try openParent(of: path, creating: nil) else { throw failure("written", path) }
    defer { parent.close() }
    guard FaultInjection.mayProceed(),
      renameat(parent.descriptor, parent.staged, parent.descriptor, parent.name) == 0,
      !synced || fsync(parent.descriptor) == 0
    else { throw failure("written", path) }
  }

  /// Removes what `stage` left; nothing when there is nothing.
  package func discardStaged(_ path: String) {
    guard let parent = try? openParent(of: path, creating: nil) else { return }
    unlinkat(parent.descriptor, parent.staged, 0)
    parent.close()
  }

  /// Removes a file; nothing when there is none.
  package func remove(_ path: String) throws(DioptraError) {
    guard let parent = try openParent(of: path, creating: nil) else { return }
    defer { parent.close() }
    guard FaultInjection.mayProceed(), unlinkat(parent.descriptor, parent.name, 0) == 0 || errno == ENOENT else {
      throw failure("removed", path)
    }
  }

  /// Gives what stands at a path another place in the folder, whatever it is. Folders on the way are made for the owner
  /// alone, and a file that is moved becomes one.
  ///
  /// - Returns: Whether that place was free; otherwise nothing has been moved.
  package func move(_ path: String, to other: String) throws(DioptraError) -> Bool {
    guard let source = try openParent(of: path, creating: nil) else { throw failure("moved", path) }
    defer { source.close() }
    guard let target = try openParent(of: other, creating: 0o700) else { throw failure("written", other) }
    defer { target.close() }
    guard try rename(source, source.name, to: target, of: path) else { return false }
    let file = openat(target.descriptor, target.name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { return true }
    defer { close(file) }
    var status = stat()
    // Another name of the same file may be of use to others.
    if fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 { fchmod(file, 0o600) }
    return true
  }

  /// Gives what stands at a path a name beside it that nothing has.
  ///
  /// - Returns: The new path.
  package func moveAside(_ path: String, as ending: String) throws(DioptraError) -> String {
    guard let parent = try openParent(of: path, creating: nil) else { throw failure("moved", path) }
    defer { parent.close() }
    for number in 1..<10_000 {
      let other = "\(path)-\(ending)-\(number)"
      let name = (other.pathParts.last ?? other).diskName
      guard FaultInjection.mayProceed(),
        renameat2(parent.descriptor, parent.name, parent.descriptor, name, Self.noReplace) == 0
      else {
        if errno == EEXIST { continue }
        throw failure("moved", path)
      }
      return other
    }
    throw failure("moved", path)
  }

  /// RENAME_NOREPLACE, which the C library shows to programs with _GNU_SOURCE only.
  static let noReplace: UInt32 = 1

  /// The path of what `stage` leaves beside a file's place.
  package func stagedPath(of path: String) -> String {
    let parts = path.pathParts
    return (parts.dropLast() + [Parent.staged(parts.last ?? "")]).joined(separator: "/")
  }

  /// Removes a folder of the program's own with all that it holds; nothing when there is none.
  package func removeTree(_ path: String) throws(DioptraError) {
    guard case .folder? = try entry(path), let parent = try openParent(of: path, creating: nil) else { return }
    defer { parent.close() }
    guard FaultInjection.mayProceed() else { throw failure("removed", path) }
    Self.empty(parent.descriptor, parent.name)
    // What could not be removed inside keeps the folder from going.
    guard unlinkat(parent.descriptor, parent.name, AT_REMOVEDIR) == 0 else { throw failure("removed", path) }
  }

  private static func empty(_ parent: Int32, _ name: [CChar]) {
    let descriptor = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0, let stream = fdopendir(descriptor) else { return }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      if entry.isDots { continue }
      // A name may be any bytes.
      let name = entry.name.map { CChar(bitPattern: $0) } + [0]
      guard unlinkat(descriptor, name, 0) != 0 else { continue }
      empty(descriptor, name)
      unlinkat(descriptor, name, AT_REMOVEDIR)
    }
  }

  /// Brings everything that was written in the folder onto the disk, names too.
  package func sync() throws(DioptraError) {
    guard FaultInjection.mayProceed(), syncfs(descriptor) == 0 else {
      throw .system("\(path) cannot be synced to disk", remedy: "Check the disk, then run the command again")
    }
  }

  /// Makes a folder, and those on the way to it, unless it is there.
  public func makeFolder(_ path: String, mode: UInt32) throws(DioptraError) {
    try openParent(of: path + "/.", creating: mode)?.close()
  }

  /// Opens a file of the program's own for a lock, and makes it if it is missing.
  ///
  /// - Returns: Whether it was made, too.
  func openForLocking(_ path: String) throws(DioptraError) -> (descriptor: Int32, isNew: Bool) {
    guard let parent = try openParent(of: path, creating: nil) else { throw failure("opened", path) }
    defer { parent.close() }
    let flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
    let new = openat(parent.descriptor, parent.name, flags | O_CREAT | O_EXCL, 0o600)
    if new >= 0 { return (new, true) }
    let file = openat(parent.descriptor, parent.name, flags)
    guard file >= 0 else { throw failure("opened", path) }
    var status = stat()
    // What is written there would also be written elsewhere.
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 else {
      Glibc.close(file)
      throw DioptraError(
        "\(self.path)/\(path) is no file of its own: it is special, or has another name elsewhere",
        remedy: "Remove it, and run the command again")
    }
    return (file, false)
  }

  /// Makes a small file of the program's own, unless there is one.
  ///
  /// - Returns: Whether it was made; if not, `errno` says why.
  package func create(_ path: String, _ text: String) throws(DioptraError) -> Bool {
    guard let parent = try openParent(of: path, creating: nil) else { throw failure("written", path) }
    defer { parent.close() }
    guard FaultInjection.mayProceed() else { return false }
    let file = openat(parent.descriptor, parent.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else { return false }
    defer { Glibc.close(file) }
    let bytes = Array(text.utf8)
    guard Glibc.write(file, bytes, bytes.count) != bytes.count else { return true }
    let code = errno
    unlinkat(parent.descriptor, parent.name, 0)
    errno = code
    return false
  }

  /// Opens a file to look at it, whatever its lock; nil when there is none. The caller closes it.
  package func openToLook(_ path: String) throws(DioptraError) -> Int32? {
    guard let parent = try openParent(of: path, creating: nil) else { return nil }
    defer { parent.close() }
    let file = openat(parent.descriptor, parent.name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else {
      if errno == ENOENT { return nil }
      throw failure("opened", path)
    }
    return file
  }

  // MARK: Walking

  package struct Parent {
    package let descriptor: Int32
    /// As the system takes it.
    package let name: [CChar]
    /// Whether the descriptor is the parent's alone, not the whole folder's.
    package let isOwn: Bool
    /// The same for what `stage` leaves beside the place.
    package let staged: [CChar]

    init(_ name: String, descriptor: Int32, isOwn: Bool) {
      self.descriptor = descriptor
      self.name = name.diskName
      staged = Self.staged(name).diskName
      self.isOwn = isOwn
    }

    package static func staged(_ name: String) -> String { ".\(name).dioptra-new" }

    package func close() {
      if isOwn { Glibc.close(descriptor) }
    }
  }

  /// Opens the folder that a path's last part stands in.
  ///
  /// - Parameter creating: The mode of folders that are missing; nil to give nil instead.
  package func openParent(of path: String, creating mode: UInt32?) throws(DioptraError) -> Parent? {
    let parts = path.pathParts
    guard let name = parts.last, !parts.contains(where: { $0.isEmpty || $0 == ".." || $0.utf8.contains(0) }) else {
      throw DioptraError("\(path.quoted) is not a path inside the folder", remedy: "Give a path without '..'")
    }
    var current = descriptor
    func leave() {
      if current != descriptor { close(current) }
    }
    for (index, part) in parts.dropLast().enumerated() {
      let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
      var next = openat(current, part.diskName, flags)
      if next < 0, errno == ENOENT {
        guard let mode else {
          leave()
          return nil
        }
        next = makeAndOpen(part.diskName, in: current, mode: mode, flags)
      }
      guard next >= 0 else {
        let code = errno
        let isLink = Self.entry(part.diskName, in: current) == .link
        leave()
        errno = code
        guard isLink || code == ENOTDIR || code == ELOOP else { throw failure("opened", path) }
        throw Self.blocked("\(self.path)/\(parts[...index].joined(separator: "/"))", isLink: isLink)
      }
      leave()
      current = next
    }
    return Parent(name, descriptor: current, isOwn: current != descriptor)
  }

  private func makeAndOpen(_ name: [CChar], in parent: Int32, mode: UInt32, _ flags: Int32) -> Int32 {
    guard FaultInjection.mayProceed() else { return -1 }
    // Another process may have made it meanwhile; opening it decides.
    let isNew = mkdirat(parent, name, mode) == 0
    let folder = openat(parent, name, flags)
    guard isNew, folder >= 0 else { return folder }
    fchmod(folder, mode)
    return folder
  }

  /// What a path in the folder leads through is none of the folder.
  private static func blocked(_ path: String, isLink: Bool) -> DioptraError {
    guard isLink else {
      return DioptraError("\(path) is no folder", remedy: "Move it away, and put the folder in its place")
    }
    return DioptraError(
      "\(path) is a symbolic link, and dioptra follows none inside a deployment",
      remedy: "Put the folder itself there, or mount the other one in its place: "
        + "sudo mount --bind FOLDER \(path.shellPath)")
  }

  /// The first thing on the way to a path that is no folder; nil where the way is free, or ends.
  package func obstacle(to path: String) throws(DioptraError) -> (path: String, entry: Entry)? {
    let parts = path.pathParts.dropLast()
    for count in parts.indices.map({ $0 + 1 }) {
      let place = parts[..<count].joined(separator: "/")
      switch try entry(place) {
      case .folder?: continue
      case nil: return nil
      case let entry?: return (place, entry)
      }
    }
    return nil
  }

  package func failure(_ action: String, _ path: String) -> DioptraError {
    if errno == ELOOP { return .link("\(self.path)/\(path)") }
    return failureOfSystem(action, path)
  }

  private func failureOfSystem(_ action: String, _ path: String) -> DioptraError {
    .system("\(self.path)/\(path) cannot be \(action)", remedy: "Check the path, the permissions and the free space")
  }
}
