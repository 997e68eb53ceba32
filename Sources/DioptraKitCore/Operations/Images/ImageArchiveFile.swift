internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import Glibc

/// The file that images are saved to. It gets its name when it is complete; until then it has another one beside it, by
/// which an interrupted save is resumed.
///
/// It belongs to the user who runs the program, whoever owns the deployment or the folder.
struct ImageArchiveFile {
  /// The ending of the temporary name.
  static let interimEnding = ".part"

  /// The absolute path.
  let path: String
  let place: ConfinedFolder
  private let name: String
  private var interim: String { name + Self.interimEnding }

  /// Checks whether the file can be created; read-only.
  ///
  /// - Throws: `DioptraError` if it exists, or is inside the deployment's folder.
  init(_ path: String, outside folder: ConfinedFolder) throws {
    let parts = path.pathParts
    guard parts.count > 1, let last = parts.last, !last.isEmpty else {
      throw DioptraError(.pathInvalid, "\(path) is not the name of a file", remedy: "Give the path of a file to make")
    }
    self.path = path
    name = last
    let place = try Caller.inOwnName {
      try ConfinedFolder(outside: parts.count == 2 ? "/" : parts.dropLast().joined(separator: "/"))
    }
    self.place = place
    guard !"\(Caller.inOwnName { place.canonicalPath })/".utf8.starts(with: "\(folder.canonicalPath)/".utf8) else {
      throw DioptraError(
        .pathInvalid, "\(path) is inside the deployment's folder: every backup would contain it",
        remedy: "Give a path outside")
    }
    guard try Caller.inOwnName({ try place.entry(last) }) == nil else {
      throw DioptraError(.pathInvalid, "\(path) exists already", remedy: "Give another path, or move that away")
    }
  }

  /// Opens the file under its temporary name, and creates it if there is none.
  ///
  /// - Throws: `DioptraError` if another process writes it, or it is none of this user's files.
  func open() throws -> StagedFile {
    let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
    let descriptor =
      FaultInjection.mayProceed()
      ? Caller.inOwnName { openat(place.descriptor, interim.diskName, flags, 0o600) } : -1
    guard descriptor >= 0 else { throw place.failure("written", interim) }
    var (status, folder) = (stat(), stat())
    let isKnown = fstat(descriptor, &status) == 0 && fstat(place.descriptor, &folder) == 0
    // The file systems of memory sticks have their own idea of permissions and owners.
    let file = StagedFile(descriptor, path: path + Self.interimEnding, mode: status.st_mode & 0o7777)
    guard isKnown, status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1,
      [getuid(), folder.st_uid].contains(status.st_uid)
    else { throw foreign }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw DioptraError(
        .locked, "another dioptra is writing \(path + Self.interimEnding)", remedy: "Wait until it has ended")
    }
    var named = stat()
    guard fstatat(place.descriptor, interim.diskName, &named, AT_SYMLINK_NOFOLLOW) == 0,
      named.st_ino == status.st_ino, named.st_dev == status.st_dev
    else {
      throw DioptraError(
        .changedMeanwhile, "\(path) was made by another program in the meantime", remedy: "Run the command again")
    }
    return file
  }

  /// What an interrupted save left.
  ///
  /// - Returns: nil if there is nothing to resume.
  /// - Throws: `DioptraError` if the file is not one that this program may continue.
  func progress(of file: StagedFile, as origin: ImageArchiveOrigin) throws -> ImageArchiveScan? {
    let name = Array(ImageArchiveOrigin.entry.utf8)
    let beginning = try ImageArchiveInput.read(file.descriptor, at: 0, name.count)
    guard beginning == Array(name.prefix(beginning.count)) else { throw foreign }
    let scan = try ImageArchiveScan(file.descriptor)
    if let fault = scan.fault, fault.code == .versionUnsupported { throw fault }
    guard let found = scan.origin, found.platform == origin.platform, found.compression == origin.compression,
      found.release == origin.release
    else {
      return nil
    }
    return scan
  }

  /// Cuts the file off, to be continued there.
  func cut(_ file: StagedFile, at end: Int) throws {
    guard FaultInjection.mayProceed(), ftruncate(file.descriptor, end) == 0,
      lseek(file.descriptor, end, SEEK_SET) == end
    else { throw place.failure("written", interim) }
  }

  /// Gives the complete file its final name.
  ///
  /// - Throws: `DioptraError` if another file has it by now.
  func publish() throws {
    guard try Caller.inOwnName({ try place.move(interim, to: name) }) else {
      throw DioptraError(
        .changedMeanwhile, "\(path) was made by another program in the meantime", remedy: "Give another path")
    }
    guard fsync(place.descriptor) == 0 else { throw place.failure("written", name) }
  }

  private var foreign: DioptraError {
    DioptraError(
      .pathInvalid, "\(path + Self.interimEnding) exists, and is not an interrupted save of images",
      remedy: "Move it away, or give another path")
  }
}
