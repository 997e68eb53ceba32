import DioptraKitCore
import FoundationEssentials
import Glibc

/// Where a command's output goes: results to standard output, everything else to standard error.
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

  /// Writes a result, as JSON or as text.
  func result(_ value: some Encodable, text: () -> String) throws {
    guard isJSON else {
      try Self.deliver(text())
      return
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try Self.deliver(String(decoding: try encoder.encode(value), as: UTF8.self) + "\n")
  }

  /// Writes a value as one line of JSON, for commands that report events as they happen.
  func line(_ value: some Encodable) throws {
    try Self.deliver(Self.line(of: value))
  }

  private static func line(of value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }

  /// Writes a line of the result.
  func print(_ line: String) {
    _ = try? Self.deliver(line + "\n")
  }

  /// Writes a result that is already text, such as many lines of JSON.
  func raw(_ text: String) throws {
    try Self.deliver(text)
  }

  /// Writes an event as a line of JSON. A missing reader is not an error.
  func event(_ value: some Encodable) {
    try? line(value)
  }

  /// Writes one line of a stream, as an object with `--json`.
  ///
  /// - Returns: Whether there is still a reader.
  func follow(_ line: String, as value: some Encodable) -> Bool {
    (try? Self.deliver(isJSON ? Self.line(of: value) : line + "\n")) ?? false
  }

  /// Whether lines can be redrawn on a terminal.
  var isLive: Bool {
    !isQuiet && !isJSON && isatty(STDOUT_FILENO) == 1 && getenv("TERM").map { String(cString: $0) } != "dumb"
  }

  /// Writes a message.
  func say(_ text: String) {
    guard !isQuiet else { return }
    Self.write(text + "\n", to: isJSON ? .errors : .output)
  }

  /// Writes an error.
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

  /// Rows in columns as wide as their widest cell.
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
    // A missing reader is not an error.
    stream.write(text)
  }
}
