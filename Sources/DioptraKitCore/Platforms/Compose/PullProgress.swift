internal import DioptraModel
internal import DioptraRendering
internal import DioptraSystem

/// Reads the progress that `docker pull` draws on a terminal: each change of a layer's state and, now and then, how
/// much has been downloaded.
struct PullProgress {
  private var rest: [UInt8] = []
  /// The state of each layer.
  private var states: [String: String] = [:]
  private var lastTold = ContinuousClock.now
  /// How often progress is reported.
  private static let interval = Duration.seconds(10)

  /// - Returns: New lines.
  mutating func lines(of piece: [UInt8]) -> [String] {
    var found: [String] = []
    for byte in piece {
      guard byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") else {
        rest.append(byte)
        continue
      }
      let line = String(decoding: rest, as: UTF8.self).withoutTerminalCodes.trimming(" ")
      rest = []
      if !line.isEmpty, let news = news(String(line)) { found.append(news) }
    }
    return found
  }

  /// What the program wrote after its last line.
  mutating func end() -> [String] { lines(of: [UInt8(ascii: "\n")]) }

  private mutating func news(_ line: String) -> String? {
    guard let colon = line.firstRange(of: ": ") else { return line }
    let layer = String(line[..<colon.lowerBound])
    let text = line[colon.upperBound...]
    // `Downloading [=====>    ]  12.5MB/40MB`
    guard let bar = text.firstIndex(of: "["), let end = text.lastIndex(of: "]") else {
      guard states.updateValue(String(text), forKey: layer) != String(text) else { return nil }
      return line
    }
    let state = String(text[..<bar].trimming(" "))
    let bytes = text[text.index(after: end)...].trimming(" ")
    let isNew = states.updateValue(state, forKey: layer) != state
    guard isNew || ContinuousClock.now - lastTold >= Self.interval else { return nil }
    lastTold = .now
    return "\(layer): \(state) \(bytes)"
  }
}
