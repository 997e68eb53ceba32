internal import Glibc

/// Programs that an earlier process of ours started for a deployment and left behind when it was killed.
///
/// They are known by a variable of their environment. The holder of the `FolderLock` may end them: nobody else is at work.
struct OrphanedPrograms {
  private let mark: [UInt8]

  init(of deployment: String) {
    mark = Array("\(DockerCommand.mark)=\(deployment)".utf8)
  }

  /// Ends them at once.
  func end() {
    for process in found { kill(process, SIGKILL) }
  }

  private var found: [pid_t] {
    guard let processes = try? ConfinedFolder(path: "/proc").names(in: ".") else { return [] }
    return processes.compactMap { pid_t($0) }.filter { $0 != getpid() && isMarked($0) }
  }

  /// Only the environments of our own user's processes can be read; root reads all.
  private func isMarked(_ process: pid_t) -> Bool {
    let file = open("/proc/\(process)/environ", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    var environment: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    while case let count = read(file, &chunk, chunk.count), count > 0 { environment += chunk[..<count] }
    return environment.split(separator: 0).contains { $0.elementsEqual(mark) }
  }
}
