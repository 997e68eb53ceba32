import DioptraKitCore
import FoundationEssentials
import Glibc

/// Where a command's words go: results to standard output, everything else to standard error.
struct Output {
  let isJSON: Bool
  let isQuiet: Bool
  let isVerbose: Bool
  private let hasColor: Bool

  init(isJSON: Bool, isQuiet: Bool, isVerbose: Bool, wantsColor: Bool) {
    self.isJSON = isJSON
    self.isQuiet = isQuiet
    self.isVerbose = isVerbose
    hasColor = wantsColor && getenv("NO_COLOR") == nil && isatty(STDOUT_FILENO) == 1
  }

  /// Writes a result, as JSON or as text for people.
  func result(_ value: some Encodable, text: () -> String) throws {
    guard isJSON else {
      try Self.deliver(text())
      return
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try Self.deliver(String(decoding: try encoder.encode(value), as: UTF8.self) + "\n")
  }

  /// Writes a value as one line of JSON, for commands that tell what happens as it happens.
  func line(_ value: some Encodable) throws {
    try Self.deliver(Self.line(of: value))
  }

  private static func line(of value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }

  /// Writes a line of what was asked for.
  func print(_ line: String) {
    _ = try? Self.deliver(line + "\n")
  }

  /// Writes text that is a result already, such as many lines of JSON at once.
  func raw(_ text: String) throws {
    try Self.deliver(text)
  }

  /// Writes an event as a line of JSON; that nobody reads it is no failure.
  func event(_ value: some Encodable) {
    try? line(value)
  }

  /// Writes a line of many that come one by one, with `--json` as an object.
  ///
  /// - Returns: Whether there is still a reader.
  func follow(_ line: String, as value: some Encodable) -> Bool {
    (try? Self.deliver(isJSON ? Self.line(of: value) : line + "\n")) ?? false
  }

  /// Whether there is a person before a terminal who sees lines drawn over.
  var isLive: Bool {
    !isQuiet && !isJSON && isatty(STDOUT_FILENO) == 1 && getenv("TERM").map { String(cString: $0) } != "dumb"
  }

  /// Tells what happens.
  func say(_ text: String) {
    guard !isQuiet else { return }
    Self.write(text + "\n", to: isJSON ? .errors : .output)
  }

  /// Tells what went wrong.
  static func complain(_ text: String) {
    write("dioptra: \(text)\n", to: .errors)
  }

  /// Says what went wrong beside the work itself.
  static func note(_ error: DioptraError?) {
    if let error { note("Note: \(error.description)") }
  }

  /// Says what must be seen also by those who asked for quiet.
  static func note(_ text: String) {
    write(text + "\n", to: .errors)
  }

  func bold(_ text: String) -> String { styled(text, 1) }
  func dim(_ text: String) -> String { styled(text, 2) }
  func red(_ text: String) -> String { styled(text, 31) }
  func green(_ text: String) -> String { styled(text, 32) }
  func yellow(_ text: String) -> String { styled(text, 33) }

  private func styled(_ text: String, _ code: Int) -> String {
    hasColor ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }

  /// Rows in columns that are as wide as their widest cell.
  func table(_ header: [String], _ rows: [[String]]) -> String {
    TextTable(header, rows).text(emphasizing: bold)
  }

  /// Writes a result. A reader that has gone away, such as `head`, is no failure; a full disk is.
  ///
  /// - Returns: Whether there is still a reader.
  @discardableResult
  private static func deliver(_ text: String) throws -> Bool {
    switch StandardStream.output.write(text) {
    case nil: return true
    case EPIPE?: return false
    case let number?:
      throw DioptraError(
        .systemFailed, "the result cannot be written to standard output: \(String(cString: strerror(number)))",
        remedy: "Check where the output goes")
    }
  }

  private static func write(_ text: String, to stream: StandardStream) {
    // Nobody reads what is said: that is no failure.
    stream.write(text)
  }
}
