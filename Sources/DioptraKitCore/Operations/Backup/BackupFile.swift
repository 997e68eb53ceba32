internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import Glibc

/// The file of a backup. It gets its name when it is complete; until then it has none, if the file system supports
/// that, so that nothing is left behind however the process ends.
///
/// It belongs to the user who runs the program, whoever owns the deployment or the folder.
final class BackupFile {
  /// The ending of temporary names, on file systems without nameless files.
  private static let interimEnding = "\(BackupCreation.ending).dioptra-new"

  let file: StagedFile
  private let place: ConfinedFolder
  private let name: String
  /// The temporary name; nil for a nameless file.
  private let interim: String?

  /// - Parameter name: The final name.
  init(_ name: String, in place: ConfinedFolder) throws(DioptraError) {
    let interim = ".\(Identity.newName())\(Self.interimEnding)"
    var descriptor: Int32 = -1
    if FaultInjection.mayProceed() { descriptor = Caller.inOwnName { Self.withoutName(in: place, probing: interim) } }
    let isNamed = descriptor < 0
    if isNamed, FaultInjection.mayProceed() {
      let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
      descriptor = Caller.inOwnName { openat(place.descriptor, interim, flags, 0o600) }
    }
    guard descriptor >= 0 else { throw place.failure("written", name) }
    if isNamed { flock(descriptor, LOCK_EX | LOCK_NB) }
    file = StagedFile(descriptor, path: "\(place.path)/\(name)", mode: 0o600)
    self.place = place
    self.name = name
    self.interim = isNamed ? interim : nil
  }

  /// The path for reading it while it has no name.
  var path: String {
    interim.map { name in Caller.inOwnName { "\(place.canonicalPath)/\(name)" } } ?? Self.path(of: file.descriptor)
  }

  /// Gives the file its final name.
  ///
  /// - Throws: `DioptraError` if another file has it by now.
  func publish() throws(DioptraError) {
    guard FaultInjection.mayProceed() else { throw place.failure("written", name) }
    let isDone = if let interim { try move(interim) } else { try link() }
    guard isDone else {
      throw DioptraError(
        .changedMeanwhile, "\(place.path)/\(name) was made by another program in the meantime",
        remedy: "Give another path")
    }
    guard fsync(place.descriptor) == 0 else { throw place.failure("written", name) }
  }

  private func link() throws(DioptraError) -> Bool {
    let path = Self.path(of: file.descriptor)
    let code = Caller.inOwnName {
      linkat(AT_FDCWD, path, place.descriptor, name.diskName, AT_SYMLINK_FOLLOW) == 0 ? 0 : errno
    }
    errno = code
    guard code == 0 || code == EEXIST else { throw place.failure("written", name) }
    return code == 0
  }

  private func move(_ interim: String) throws(DioptraError) -> Bool {
    do {
      return try Caller.inOwnName { try place.move(interim, to: name) }
    } catch {
      throw error as? DioptraError ?? place.failure("written", name)
    }
  }

  /// Removes the file unless it has its final name.
  func discard() {
    if let interim { _ = Caller.inOwnName { unlinkat(place.descriptor, interim, 0) } }
  }

  /// Removes incomplete backups of this user's dead processes, which no process holds. Other users' files, and anything
  /// that is not a file, are left alone.
  static func sweep(_ place: ConfinedFolder) {
    Caller.inOwnName { sweepOwn(place) }
  }

  private static func sweepOwn(_ place: ConfinedFolder) {
    for name in (try? place.names(in: ".")) ?? [] where name.hasPrefix(".") && name.hasSuffix(interimEnding) {
      guard case .file? = try? place.entry(name), let file = try? place.openToLook(name) else { continue }
      defer { close(file) }
      var status = stat()
      guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == getuid() else { continue }
      if flock(file, LOCK_EX | LOCK_NB) == 0 { try? place.remove(name) }
    }
  }

  // MARK: Nameless files

  private static func path(of descriptor: Int32) -> String { "/proc/self/fd/\(descriptor)" }

  /// Creates a nameless file.
  ///
  /// - Parameter name: Given to a test file for an instant: not every system that creates nameless files can also name
  ///   them.
  /// - Returns: -1 if they are not supported.
  private static func withoutName(in place: ConfinedFolder, probing name: String) -> Int32 {
    func make() -> Int32 {
      // `O_TMPFILE`, a macro that Swift does not import.
      openat(place.descriptor, ".", 0o20_000_000 | O_DIRECTORY | O_RDWR | O_CLOEXEC, 0o600)
    }
    let probe = make()
    guard probe >= 0 else { return -1 }
    defer { close(probe) }
    guard linkat(AT_FDCWD, path(of: probe), place.descriptor, name, AT_SYMLINK_FOLLOW) == 0 else { return -1 }
    unlinkat(place.descriptor, name, 0)
    return make()
  }
}
