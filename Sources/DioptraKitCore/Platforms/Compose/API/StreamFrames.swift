/// Takes the output of a container apart: frames of standard output and standard error, each with a header of eight
/// bytes (Docker Engine API, "Stream format").
struct StreamFrames {
  struct Frame: Equatable {
    /// Whether it is standard error.
    let isError: Bool
    let bytes: [UInt8]
  }

  private var rest: [UInt8] = []
  private static let headerLength = 8

  /// - Returns: The frames that are complete now.
  mutating func add(_ piece: [UInt8]) -> [Frame] {
    rest += piece
    var frames: [Frame] = []
    var start = 0
    while rest.count - start >= Self.headerLength {
      let header = rest[start..<start + Self.headerLength]
      let length = header.suffix(4).reduce(0) { $0 << 8 | Int($1) }
      guard rest.count - start - Self.headerLength >= length else { break }
      let body = start + Self.headerLength
      frames.append(Frame(isError: header.first == 2, bytes: Array(rest[body..<body + length])))
      start = body + length
    }
    rest.removeFirst(start)
    return frames
  }
}
