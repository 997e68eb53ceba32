import DioptraKitCore
import Glibc

/// What a command needs of the process that it runs in.
enum Surroundings {
  /// Opens standard input, output and error where they are closed: otherwise the next files that are opened get their
  /// numbers, and words are written into them.
  static func openStandardDescriptors() {
    while true {
      let descriptor = open("/dev/null", O_RDWR)
      guard descriptor >= 0, descriptor <= STDERR_FILENO else {
        close(descriptor)
        return
      }
    }
  }

  /// Refuses what no command can work in, before any does.
  static func check() throws {
    try provideDescriptors()
    guard let current = getcwd(nil, 0) else {
      throw DioptraError(
        .systemFailed, "the current folder cannot be found: \(String(cString: strerror(errno)).lowercased())",
        remedy: "Change into another one")
    }
    free(current)
  }

  /// Files, pipes and events that may be open at once.
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
