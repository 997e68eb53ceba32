internal import DioptraSystem

/// The head of an HTTP/1.1 response.
struct HTTPHead: Equatable {
  let status: Int
  /// By lower-case name.
  let fields: [String: String]

  /// The length of the body in bytes; nil for one in chunks, or until the connection ends.
  var length: Int? { fields["content-length"].flatMap { Int($0) } }
  var isChunked: Bool { fields["transfer-encoding"]?.lowercased().contains("chunked") == true }
  /// Whether the connection can be used again.
  var keepsConnection: Bool {
    (isChunked || length != nil || status == 204 || status == 304) && fields["connection"]?.lowercased() != "close"
  }

  /// - Parameter lines: Without the empty line at the end.
  init?(_ lines: [String]) {
    guard let words = lines.first?.split(separator: " "), words.count >= 2, words[0].hasPrefix("HTTP/1."),
      let status = Int(words[1])
    else { return nil }
    self.status = status
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      fields[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].trimming(" \t"))
    }
    self.fields = fields
  }
}

/// Takes an HTTP/1.1 response apart, piece by piece as the bytes come.
///
/// Covers what an engine sends (RFC 9112): bodies with a length, in chunks, or until the connection ends.
struct HTTPResponseReader {
  enum Fault: Error, Equatable {
    /// The bytes are not HTTP.
    case malformed
    /// The connection ended within the response.
    case cutOff
  }

  private enum State {
    case head
    /// The number of bytes that are left; nil until the connection ends.
    case body(Int?)
    case chunkSize
    case chunk(Int)
    case chunkEnd
    case trailer
    case complete
  }

  private var state = State.head
  private var rest: [UInt8] = []
  private var lines: [String] = []
  private(set) var head: HTTPHead?

  /// A head this long is not an engine's.
  private static let limit = 64 << 10

  var isComplete: Bool {
    if case .complete = state { true } else { false }
  }

  /// - Returns: The bytes of the body among the piece.
  mutating func add(_ piece: [UInt8]) throws(Fault) -> [UInt8] {
    rest += piece
    var body: [UInt8] = []
    while true {
      switch state {
      case .head:
        guard let line = try nextLine() else { return body }
        if !line.isEmpty {
          lines.append(line)
          continue
        }
        guard let found = HTTPHead(lines) else { throw .malformed }
        lines = []
        // A preliminary response, which the final one follows.
        if found.status == 100 { continue }
        head = found
        state = Self.afterHead(found)
      case .body(let length):
        let count = min(length ?? rest.count, rest.count)
        body += rest.prefix(count)
        rest.removeFirst(count)
        guard let length else { return body }
        state = length == count ? .complete : .body(length - count)
        if length > count { return body }
      case .chunkSize:
        guard let line = try nextLine() else { return body }
        guard let size = Int(line.prefix { $0 != ";" }.filter { $0 != " " }, radix: 16), size >= 0 else {
          throw .malformed
        }
        state = size == 0 ? .trailer : .chunk(size)
      case .chunk(let size):
        let count = min(size, rest.count)
        body += rest.prefix(count)
        rest.removeFirst(count)
        state = size == count ? .chunkEnd : .chunk(size - count)
        if size > count { return body }
      case .chunkEnd:
        guard let line = try nextLine() else { return body }
        guard line.isEmpty else { throw .malformed }
        state = .chunkSize
      case .trailer:
        guard let line = try nextLine() else { return body }
        if line.isEmpty { state = .complete }
      case .complete:
        return body
      }
    }
  }

  /// The connection has ended.
  mutating func end() throws(Fault) {
    switch state {
    case .body(nil): state = .complete
    case .complete: break
    default: throw .cutOff
    }
  }

  private static func afterHead(_ head: HTTPHead) -> State {
    if head.status == 204 || head.status == 304 || head.length == 0 { return .complete }
    return head.isChunked ? .chunkSize : .body(head.length)
  }

  /// A line without its end; nil if it is not there yet.
  private mutating func nextLine() throws(Fault) -> String? {
    guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
      guard rest.count <= Self.limit else { throw .malformed }
      return nil
    }
    var line = rest[..<end]
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    let text = String(decoding: line, as: UTF8.self)
    rest.removeFirst(end + 1)
    return text
  }
}
