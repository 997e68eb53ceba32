internal import CSQLite
internal import DioptraModel
internal import DioptraSystem
internal import Glibc

/// The location of a database file: a name in an open folder.
final class DatabasePlace {
  let descriptor: Int32
  private let name: String

  /// - Parameter file: A path in the folder.
  init(_ file: String, in folder: ConfinedFolder) throws(DioptraError) {
    guard let parent = try folder.openParent(of: file, creating: nil) else { throw folder.failure("opened", file) }
    defer { parent.close() }
    descriptor = fcntl(parent.descriptor, F_DUPFD_CLOEXEC, 3)
    name = String(file.split(separator: "/").last ?? "")
    guard descriptor >= 0 else { throw folder.failure("opened", file) }
  }

  deinit {
    close(descriptor)
  }

  /// The name that SQLite opens.
  var address: String { address(of: name) }

  /// The address of a file next to it.
  func address(of name: String) -> String { "/proc/self/fd/\(descriptor)/\(name)" }

  // MARK: The journal

  private var journal: String { "\(name)-journal" }

  /// Whether a write was interrupted.
  var hasHotJournal: Bool {
    let start = bytes(of: journal, count: 8, fromEnd: false)
    return start.first.map { $0 != 0 } ?? false
  }

  /// Refuses a journal that makes SQLite delete another file. Such journals belong to transactions over several
  /// databases, which dioptra does not use.
  func refuseForeignJournal(_ path: String) throws(DioptraError) {
    guard bytes(of: journal, count: 8, fromEnd: true) == Self.magic else { return }
    throw DioptraError(
      .fileUnsuitable, "\(path)-journal was not written by dioptra: it would have another file removed",
      remedy: "Find out where it comes from, and move it away")
  }

  /// The start of a journal, and the end of another file's name in it (SQLite's file format, section 3).
  private static let magic: [UInt8] = [0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7]

  private func bytes(of name: String, count: Int, fromEnd: Bool) -> [UInt8] {
    let file = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { return [] }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_size >= count else { return [] }
    var bytes = [UInt8](repeating: 0, count: count)
    return pread(file, &bytes, count, fromEnd ? status.st_size - count : 0) == count ? bytes : []
  }

  // MARK: SQLite's file system

  /// SQLite's own, except that an address is used as it is. SQLite would resolve its links and open the target.
  static let fileSystem: String? = {
    guard let original = sqlite3_vfs_find(nil) else { return nil }
    let system = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
    system.initialize(to: original.pointee)
    system.pointee.pNext = nil
    system.pointee.zName = UnsafePointer(strdup("dioptra"))
    system.pointee.xFullPathname = { _, path, size, result in
      guard let path, let result, strlen(path) < Int(size) else { return SQLITE_CANTOPEN }
      strcpy(result, path)
      return SQLITE_OK
    }
    return sqlite3_vfs_register(system, 0) == SQLITE_OK ? "dioptra" : nil
  }()
}
