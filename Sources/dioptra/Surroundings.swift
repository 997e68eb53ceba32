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
    for argument in CommandLine.unsafeArgv.argumentBytes where String(validating: argument, as: UTF8.self) == nil {
      throw DioptraError(
        "the argument \(argument.escaped) is not UTF-8 text", remedy: "Use names in UTF-8; dioptra takes no others",
        exitCode: .usage)
    }
    guard let current = getcwd(nil, 0) else {
      throw DioptraError(
        "the current folder cannot be found: \(String(cString: strerror(errno)).lowercased())",
        remedy: "Change into another one")
    }
    defer { free(current) }
    guard String(validatingCString: current) != nil else {
      let bytes = Array(UnsafeBufferPointer(start: current, count: strlen(current))).map { UInt8(bitPattern: $0) }
      throw DioptraError(
        "the path of the current folder, \(bytes.escaped), is not UTF-8 text",
        remedy: "Rename the folder, or change into another one")
    }
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
        "only \(limit.rlim_cur) files may be open at once, and dioptra needs \(neededDescriptors)",
        remedy: "Raise the limit: ulimit -n \(wantedDescriptors)")
    }
  }
}

extension UnsafeMutablePointer<UnsafeMutablePointer<Int8>?> {
  /// The arguments without the program's name.
  fileprivate var argumentBytes: [[UInt8]] {
    var arguments: [[UInt8]] = []
    var next = self + 1
    while let argument = next.pointee {
      arguments.append(UnsafeBufferPointer(start: argument, count: strlen(argument)).map { UInt8(bitPattern: $0) })
      next += 1
    }
    return arguments
  }
}

extension [UInt8] {
  /// The bytes as text, those of no character as \xNN.
  fileprivate var escaped: String {
    map { byte in
      (0x20..<0x7F).contains(byte) ? String(UnicodeScalar(byte)) : "\\x" + String(byte, radix: 16)
    }.joined()
  }
}
