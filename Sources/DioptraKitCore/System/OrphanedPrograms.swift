internal import Glibc

/// Programs that an earlier process started for a deployment and left behind when it was killed.
///
/// They are identified by an environment variable that names the folder and the process that started them. The holder
/// of the `FolderLock` may kill those whose starter is gone, since no other process is working in the folder.
package struct OrphanedPrograms {
  /// The variable.
  package static let variable = "DIOPTRA_STARTED_BY"

  /// The variable's value in the programs that this process starts for the deployment in a folder.
  package static func tag(in folder: String) -> String {
    "\(getpid()) \(start(of: getpid()) ?? 0) \(identity(of: folder))"
  }

  private let folder: String

  package init(in folder: ConfinedFolder) {
    self.folder = Self.identity(of: folder.path)
  }

  /// Kills them.
  package func end() {
    for process in found { kill(process, SIGKILL) }
  }

  private var found: [pid_t] {
    Caller.inOwnName {
      guard let processes = try? ConfinedFolder(outside: "/proc").names(in: ".") else { return [] }
      return processes.compactMap { pid_t($0) }.filter { $0 != getpid() && isOrphan($0) }
    }
  }

  private func isOrphan(_ process: pid_t) -> Bool {
    let prefix = Array("\(Self.variable)=".utf8)
    guard let environment = Self.bytes("/proc/\(process)/environ"),
      let tag = environment.split(separator: 0).first(where: { $0.starts(with: prefix) })
    else { return false }
    let parts = String(decoding: tag.dropFirst(prefix.count), as: UTF8.self).split(separator: " ", maxSplits: 2)
    guard parts.count == 3, parts[2] == folder, let starter = pid_t(parts[0]) else { return false }
    // Process ids are reused.
    return Self.start(of: starter).map { "\($0)" != parts[1] } ?? true
  }

  /// When a process started, in the kernel's ticks since boot; nil if it does not exist.
  private static func start(of process: pid_t) -> Int? {
    guard let bytes = bytes("/proc/\(process)/stat"), let name = bytes.lastIndex(of: UInt8(ascii: ")")) else {
      return nil
    }
    // proc(5): the 22nd field; the third one follows the name.
    let fields = bytes[(name + 1)...].split(separator: UInt8(ascii: " "))
    return fields.count > 19 ? Int(String(decoding: fields[19], as: UTF8.self)) : nil
  }

  /// What identifies a folder even after it is renamed; its path if it does not exist yet.
  private static func identity(of folder: String) -> String {
    var status = stat()
    return stat(folder, &status) == 0 ? "\(status.st_dev):\(status.st_ino)" : folder
  }

  /// Only the environments of the same user's processes are readable, except for root.
  private static func bytes(_ path: String) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    while case let count = read(file, &chunk, chunk.count), count > 0 { bytes += chunk[..<count] }
    return bytes
  }
}
