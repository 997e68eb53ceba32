import DioptraKitCore
import Foundation

extension State.RunDescription {
  /// This process: what history tells of it.
  static var current: Self {
    var host = [CChar](repeating: 0, count: 256)
    gethostname(&host, 255)
    let hostName = String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let environment = ProcessInfo.processInfo.environment
    let user = environment["SUDO_USER"] ?? environment["USER"] ?? environment["LOGNAME"] ?? "uid \(getuid())"
    let words = ["dioptra"] + CommandLine.exactArguments
    return Self(words: words, version: Version.current, user: user, host: hostName)
  }
}

extension CommandLine {
  /// The words after the program's name, each of whose bytes is kept: a path need not be UTF-8.
  static var exactArguments: [String] {
    (1..<max(1, Int(argc))).compactMap { index in
      unsafeArgv[index].map { word in
        String(exactly: UnsafeBufferPointer(start: word, count: strlen(word)).map { UInt8(bitPattern: $0) })
      }
    }
  }
}

extension ConfinedFolder {
  /// Changes `dioptra.yaml` as a run that history tells of, where there is a State. The holder of the lock calls this.
  ///
  /// - Parameter old: What the text was made from; the file is not touched where it is another by then.
  func replaceConfiguration(_ old: [UInt8], with text: String) throws {
    let name = ConfigurationFile.name
    guard case .file(let mode)? = try entry(name) else {
      throw DioptraError("\(name) is no regular file", remedy: "Put a file in its place")
    }
    func change() throws { try replace(name, old, with: Array(text.utf8), mode: mode) }
    guard try State(readingIn: self, recovering: true) != nil else { return try change() }
    try State(changingIn: self, now: .now).recording(.current, change: change)
  }
}

extension Output {
  /// Says that history will not tell of what is done all the same.
  static func notRecorded(_ error: DioptraError) {
    note("Note: history does not know of this: \(error.problem).")
  }
}
