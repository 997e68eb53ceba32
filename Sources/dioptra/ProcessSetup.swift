import DioptraKitCore
import Glibc

/// Prepares the process for a command.
enum ProcessSetup {
  /// Opens standard input, output and error if they are closed. Otherwise the next files to be opened would get their
  /// numbers, and output would go into them.
  static func openStandardDescriptors() {
    while true {
      let descriptor = open("/dev/null", O_RDWR)
      guard descriptor >= 0, descriptor <= STDERR_FILENO else {
        close(descriptor)
        return
      }
    }
  }

  /// Refuses an environment that no command can work in.
  static func check() throws {
    try provideDescriptors()
    guard let current = getcwd(nil, 0) else {
      throw DioptraError(
        .systemFailed, "the current folder cannot be found: \(String(cString: strerror(errno)).lowercased())",
        remedy: "Change into another one")
    }
    free(current)
  }

  /// The number of files, pipes and events that may be open at once.
  private static let neededDescriptors: rlim_t = 64
  private static let wantedDescriptors: rlim_t = 1024

  private static func provideDescriptors() throws {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < wantedDescriptors else {
      return
    }
    limit.rlim_cur = min(limit.rlim_max, wantedDescriptors)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    guard limit.rlim_cur >= neededDescriptors else {
      throw DioptraError(
        .systemFailed, "only \(limit.rlim_cur) files may be open at once, and dioptra needs \(neededDescriptors)",
        remedy: "Raise the limit with \(run: "ulimit", "-n", "\(wantedDescriptors)")")
    }
  }
}
