import DioptraKitCore
import Glibc

/// The last lines of a terminal, redrawn in place.
struct LiveRegion {
  private var height = 0

  /// Draws lines over those that were drawn before.
  mutating func draw(_ lines: [String]) {
    let columns = Self.columns
    let text = lines.map { "\($0.cut(to: columns - 1))\u{1B}[0m\u{1B}[K\n" }.joined()
    Self.write(home + text + "\u{1B}[J")
    height = lines.count
  }

  /// Erases the lines.
  mutating func clear() {
    guard height > 0 else { return }
    Self.write(home + "\u{1B}[J")
    height = 0
  }

  /// An animated sign of progress.
  static func spinner(_ now: ContinuousClock.Instant) -> String {
    let frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]
    let tenths = Int((now - start).inSeconds * 10)
    return frames[tenths % frames.count]
  }

  private static let start = ContinuousClock.now

  private var home: String { height > 0 ? "\u{1B}[\(height)A\r" : "\r" }

  private static var columns: Int {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  private static func write(_ text: String) {
    StandardStream.output.write(text)
  }
}

extension String {
  /// The first characters that fit into a number of columns; escape sequences take none.
  fileprivate func cut(to columns: Int) -> String {
    var result = ""
    var shown = 0
    var isInSequence = false
    for character in self {
      if character == "\u{1B}" { isInSequence = true }
      if !isInSequence {
        if shown == columns - 1 { return result + "…" }
        shown += 1
      }
      result.append(character)
      if isInSequence, character.isLetter { isInSequence = false }
    }
    return result
  }

  /// The string with blanks before it, so that it has at least the given number of characters.
  func padded(left width: Int) -> String {
    String(repeating: " ", count: Swift.max(0, width - count)) + self
  }
}
