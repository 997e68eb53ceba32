import DioptraKitCore
import FoundationEssentials
import Glibc

extension State.RunDescription {
  /// This process, as history records it.
  static var current: Self {
    var host = [CChar](repeating: 0, count: 256)
    gethostname(&host, 255)
    let hostName = String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let arguments = ["dioptra"] + CommandLine.exactArguments
    return Self(arguments: arguments, version: Version.current, user: Login.name, host: hostName)
  }
}

/// The user behind this process.
enum Login {
  /// The name of the user who logged in: from the kernel's audit, from `sudo`, or from the process's own user. The
  /// variables USER and LOGNAME can hold anything.
  static var name: String {
    let user = audited ?? sudoer ?? getuid()
    return name(of: user) ?? "uid \(user)"
  }

  /// The user that the kernel noted at the login; nil outside of one, such as in a container.
  private static var audited: uid_t? {
    guard let text = try? String(contentsOfFile: "/proc/self/loginuid", encoding: .utf8),
      let user = uid_t(text.trimming(" \n")), user != uid_t.max
    else { return nil }
    return user
  }

  /// Who called `sudo`. Only root's processes are asked: others could be told anything.
  private static var sudoer: uid_t? {
    guard getuid() == 0, let text = ProcessInfo.processInfo.environment["SUDO_UID"] else { return nil }
    return uid_t(text)
  }

  private static func name(of user: uid_t) -> String? {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 16 << 10)
    guard getpwuid_r(user, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
    return String(cString: entry.pw_name)
  }
}

extension CommandLine {
  /// The arguments after the program's name, byte for byte: a path need not be UTF-8.
  static var exactArguments: [String] {
    (1..<max(1, Int(argc))).compactMap { index in
      unsafeArgv[index].map { word in
        String(exactly: UnsafeBufferPointer(start: word, count: strlen(word)).map { UInt8(bitPattern: $0) })
      }
    }
  }
}
