internal import CLinux
internal import Glibc

/// Atomic changes to a folder: files are first written to a temporary sibling.
extension ConfinedFolder {
  /// Writes a file atomically and durably.
  ///
  /// - Parameters:
  /// - mode: The permission bits, regardless of the umask.
  /// - folderMode: The permission bits of new folders on the way.
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

  /// Replaces a file atomically and durably.
  ///
  /// - Throws: `DioptraError` if the file no longer has the bytes that the new ones are based on.
  public func replace(
    _ path: String, _ old: [UInt8], with new: [UInt8], mode: UInt32
  ) throws(DioptraError) {
    try stage(path, new, mode: mode, synced: true)
    do throws(DioptraError) {
      guard try read(path) == old else {
        throw DioptraError(
          .changedMeanwhile, "\(path) was changed while dioptra was at work", remedy: "Run the command again")
      }
      try publish(path, synced: true)
    } catch {
      discardStaged(path)
      throw error
    }
  }

  /// Writes a temporary sibling of a file; `publish` renames it.
  ///
  /// - Parameter synced: Whether the bytes are on disk when this returns; otherwise `sync` writes them.
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

  /// Starts a temporary sibling for a file too large for memory; after `finish`, `publish` renames it.
  package func openStaged(_ path: String, mode: UInt32, folderMode: UInt32 = 0o755) throws(DioptraError) -> StagedFile {
    guard let parent = try openParent(of: path, creating: folderMode) else { throw failure("written", path) }
    defer { parent.close() }
    let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    var file = FaultInjection.mayProceed() ? openat(parent.descriptor, parent.staged, flags, mode & 0o700) : -1
    if file < 0, errno == EEXIST, unlinkat(parent.descriptor, parent.staged, 0) == 0 {
      // Left behind by a process that was killed.
      file = openat(parent.descriptor, parent.staged, flags, mode & 0o700)
    }
    guard file >= 0 else { throw failure("written", path) }
    let replaced = openat(parent.descriptor, parent.name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    return StagedFile(file, path: "\(self.path)/\(path)", mode: mode, replacing: replaced)
  }

  /// Renames a staged file to its final name, replacing any file there.
  ///
  /// - Parameter synced: Whether the name is on disk when this returns; otherwise `sync` writes it.
  package func publish(_ path: String, synced: Bool = false) throws(DioptraError) {
    guard let parent = try openParent(of: path, creating: nil) else { throw failure("written", path) }
    defer { parent.close() }
    guard FaultInjection.mayProceed(),
      renameat(parent.descriptor, parent.staged, parent.descriptor, parent.name) == 0,
      !synced || fsync(parent.descriptor) == 0
    else { throw failure("written", path) }
  }

  /// Removes what `stage` created, if anything.
  package func discardStaged(_ path: String) {
    guard let parent = try? openParent(of: path, creating: nil) else { return }
    unlinkat(parent.descriptor, parent.staged, 0)
    parent.close()
  }

  /// Removes a file, if there is one.
  package func remove(_ path: String) throws(DioptraError) {
    guard let parent = try openParent(of: path, creating: nil) else { return }
    defer { parent.close() }
    guard FaultInjection.mayProceed(), unlinkat(parent.descriptor, parent.name, 0) == 0 || errno == ENOENT else {
      throw failure("removed", path)
    }
  }

  /// Moves whatever is at a path to another place in the folder. New folders on the way are private, and so is a moved
  /// file.
  ///
  /// - Returns: Whether that place was free; otherwise nothing was moved.
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
  package func makeFolder(_ path: String, mode: UInt32) throws(DioptraError) {
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
        .fileUnsuitable,
        "\(self.path)/\(path) is not a file of its own: it is a special file, or has another hard link",
        remedy: "Remove it, and run the command again")
    }
    return (file, false)
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
}
