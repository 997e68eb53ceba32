import DioptraKitCore
import Glibc
import Synchronization

/// The user's terminal.
enum Terminal {
  /// Shows a question and reads one line; nil at the end of the input.
  ///
  /// - Parameter isHidden: Whether echo is off.
  /// - Throws: `DioptraError` as soon as this process is asked to end.
  static func answer(to question: String, isHidden: Bool = false) throws -> String? {
    // What is typed as soon as the question can be seen is hidden, and counts.
    if isHidden { hide() }
    show(question)
    defer {
      if isHidden {
        restore()
        show("\n")
      }
    }
    do {
      return try line()
    } catch {
      if !isHidden { show("\n") }
      throw error
    }
  }

  /// Writes text that is not a result. A terminal that has gone away is not an error.
  static func show(_ text: String) {
    StandardStream.errors.write(text)
  }

  /// Reads the next line of standard input and nothing beyond it; nil at the end.
  ///
  /// - Throws: `DioptraError` as soon as this process is asked to end.
  static func line() throws -> String? {
    var bytes: [UInt8] = []
    // One that is closed already says so, where what is no terminal says that.
    let isTerminal = isatty(STDIN_FILENO) == 1 || errno == EIO
    while true {
      try wait()
      var byte: UInt8 = 0
      let count = read(STDIN_FILENO, &byte, 1)
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      guard count > 0 else {
        if isTerminal { try noticeItsEnd() }
        return bytes.isEmpty ? nil : text(bytes)
      }
      if byte == UInt8(ascii: "\n") { return text(bytes) }
      bytes.append(byte)
    }
  }

  private static func text(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes[...], as: UTF8.self)
  }

  /// Waits for input.
  private static func wait() throws {
    var descriptors = [
      pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
      pollfd(fd: Interruption.bell, events: Int16(POLLIN), revents: 0),
    ]
    while poll(&descriptors, 2, -1) < 0, errno == EINTR {}
    if Interruption.isRequested { throw interrupted }
  }

  /// A closed terminal first looks like the end of the input; the signal comes an instant later.
  private static func noticeItsEnd() throws {
    var input = pollfd(fd: STDIN_FILENO, events: 0, revents: 0)
    guard poll(&input, 1, 0) > 0, Interruption.isRequested(within: 500) else { return }
    throw interrupted
  }

  private static let interrupted = DioptraError(.interrupted, "interrupted", remedy: "Nothing was changed")

  // MARK: Echo

  /// The terminal's original settings. The signal handler reads them, too.
  private nonisolated(unsafe) static var former = termios()
  private static let isChanged = Atomic<Bool>(false)

  private static func hide() {
    guard tcgetattr(STDIN_FILENO, &former) == 0 else { return }
    var settings = former
    settings.c_lflag &= ~tcflag_t(ECHO)
    isChanged.store(true, ordering: .sequentiallyConsistent)
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
  }

  /// Restores the terminal's settings. Also called by the signal handler.
  static func restore() {
    guard isChanged.exchange(false, ordering: .sequentiallyConsistent) else { return }
    tcsetattr(STDIN_FILENO, TCSANOW, &former)
  }
}
