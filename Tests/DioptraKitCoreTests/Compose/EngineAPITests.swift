import Glibc
import Synchronization
import TestSupport
import Testing

@testable import DioptraCompose
@testable import DioptraSystem

/// Responses of HTTP, in pieces as they may come.
struct HTTPResponseTests {
  private static let responses: [(text: String, body: String)] = [
    ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello"),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=1\r\nlo\r\n0\r\nA: b\r\n\r\n", "hello"),
    ("HTTP/1.1 204 No Content\r\n\r\n", ""),
    ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\ncontent-length:  2 \r\n\r\nno", "no"),
    ("HTTP/1.1 200 OK\n\nuntil the end", "until the end"),
  ]

  @Test(arguments: responses.indices)
  func aResponseIsTheSameHoweverItsBytesCome(index: Int) throws {
    let (text, expected) = Self.responses[index]
    for size in 1...text.utf8.count {
      var reader = HTTPResponseReader()
      var body: [UInt8] = []
      var rest = Array(text.utf8)[...]
      while !rest.isEmpty {
        body += try reader.add(Array(rest.prefix(size)))
        rest = rest.dropFirst(size)
      }
      try reader.end()
      #expect(String(decoding: body, as: UTF8.self) == expected)
    }
  }

  @Test(arguments: responses.indices.dropLast())
  func aResponseThatBreaksOffIsAFault(index: Int) throws {
    let bytes = Array(Self.responses[index].text.utf8)
    for size in 0..<bytes.count {
      var reader = HTTPResponseReader()
      _ = try reader.add(Array(bytes[..<size]))
      #expect(!reader.isComplete)
      #expect(throws: HTTPResponseReader.Fault.cutOff) { try reader.end() }
    }
  }

  @Test(arguments: ["SSH-2.0-x\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"])
  func otherBytesAreAFault(text: String) {
    var reader = HTTPResponseReader()
    #expect(throws: HTTPResponseReader.Fault.malformed) { try reader.add(Array(text.utf8)) }
  }
}

/// The engine's interface, with a small server in its place.
struct EngineAPITests {
  private let scratch: Scratch
  private let server: UnixServer

  init() throws {
    scratch = try Scratch()
    server = try UnixServer(at: scratch.file("engine.sock"))
  }

  @Test func aQuestionIsAnsweredAndTheConnectionUsedAgain() async throws {
    server.answer = { _ in "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"message\":\"a\"}" }
    let api = EngineAPI(.socket(server.path))
    for _ in 1...3 {
      let answer = try await api.get("/volumes/a b", [("filters", "{\"x\":1}")])
      #expect(answer.status == 200 && answer.message == "a")
    }
    #expect(server.requests.first?.hasPrefix("GET /volumes/a b?filters=%7B%22x%22%3A1%7D HTTP/1.1\r\n") == true)
    #expect(server.connections == 1)
  }

  @Test func aConnectionThatTheEngineClosedIsReplaced() async throws {
    server.answer = { _ in "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" }
    server.closesAfterEach = true
    let api = EngineAPI(.socket(server.path))
    for _ in 1...3 { #expect(try await api.get("/_ping").status == 200) }
    #expect(server.connections == 3)
  }

  @Test func aPathWithoutEngineIsAFaultOfTheSystem() async throws {
    await #expect(throws: SystemFault(code: ENOENT)) {
      try await EngineAPI(.socket(scratch.file("absent"))).get("/_ping")
    }
    try scratch.write("", to: "file")
    await #expect(throws: SystemFault(code: ECONNREFUSED)) {
      try await EngineAPI(.socket(scratch.file("file"))).get("/_ping")
    }
  }

  @Test func cancellationClosesTheConnection() async throws {
    server.answer = { _ in nil }
    let api = EngineAPI(.socket(server.path))
    let task = Task { try await api.get("/events") }
    while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(2)) }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func aProgramPassesTheBytesWhereTheSocketIsOutOfReach() async throws {
    server.answer = { _ in "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" }
    let script = """
      import os, socket, sys, threading
      s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
      def pump():
          while data := os.read(0, 4096): s.sendall(data)
          s.shutdown(socket.SHUT_WR)
      threading.Thread(target=pump, daemon=True).start()
      while data := s.recv(4096): os.write(1, data)
      """
    let api = EngineAPI(.program(ExternalCommand(arguments: ["python3", "-c", script, server.path])))
    #expect(try await api.get("/_ping").body == Array("ok".utf8))
  }
}

/// Answers requests on a Unix socket.
private final class UnixServer: Sendable {
  private struct State {
    var requests: [String] = []
    var connections = 0
    var answer: @Sendable (String) -> String? = { _ in nil }
    var closesAfterEach = false
  }

  let path: String
  private let listener: Int32
  private let state = Mutex(State())

  var requests: [String] { state.withLock { $0.requests } }
  var connections: Int { state.withLock { $0.connections } }
  /// What a request is answered with; nil for silence.
  var answer: @Sendable (String) -> String? {
    get { state.withLock { $0.answer } }
    set { state.withLock { $0.answer = newValue } }
  }
  var closesAfterEach: Bool {
    get { state.withLock { $0.closesAfterEach } }
    set { state.withLock { $0.closesAfterEach = newValue } }
  }

  init(at path: String) throws {
    self.path = path
    listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let status = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(status == 0 && listen(listener, 8) == 0)
    BackgroundThread.start { [self] in
      while case let connection = accept(listener, nil, nil), connection >= 0 {
        state.withLock { $0.connections += 1 }
        BackgroundThread.start { [self] in serve(connection) }
      }
    }
  }

  private func serve(_ connection: Int32) {
    var piece = [UInt8](repeating: 0, count: 65_536)
    while case let count = recv(connection, &piece, piece.count, 0), count > 0 {
      let request = String(decoding: piece[..<count], as: UTF8.self)
      let (answer, closes) = state.withLock { state in
        state.requests.append(request)
        return (state.answer(request), state.closesAfterEach)
      }
      guard let answer else { continue }
      _ = answer.utf8.withContiguousStorageIfAvailable {
        send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if closes { break }
    }
    close(connection)
  }
}
