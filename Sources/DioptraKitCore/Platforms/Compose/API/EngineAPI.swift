internal import DioptraSystem
internal import FoundationEssentials
internal import Synchronization

/// The engine's own interface: HTTP over its socket (Docker Engine API).
///
/// It answers in a millisecond what a call of the engine's client answers in fifty, and reports progress in bytes. The
/// client still says where the engine is, and connects where this process may not.
final class EngineAPI: Sendable {
  /// What the engine answers.
  struct Answer: Sendable {
    let status: Int
    let body: [UInt8]

    var succeeded: Bool { (200..<300).contains(status) }

    func decoded<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
      try JSONDecoder().decode(type, from: Data(body))
    }

    /// What the engine says about a failure.
    var message: String {
      struct Complaint: Decodable { let message: String }
      let complaint: Complaint? = try? decoded()
      return complaint?.message ?? String(decoding: body, as: UTF8.self)
    }
  }

  enum Method: String {
    case get, post, delete
  }

  /// A request without its path.
  struct Call: Sendable {
    var method = Method.get
    var query: [(name: String, value: String)] = []
    var fields: [String: String] = [:]
    var body: [UInt8]?

    /// - Parameter body: Sent as JSON.
    static func post(_ body: (some Encodable)?) throws -> Call {
      Call(method: .post, body: try body.map { Array(try JSONEncoder().encode($0)) })
    }
  }

  private let route: EngineConnection.Route
  private let idle = Mutex<[EngineConnection]>([])

  init(_ route: EngineConnection.Route) {
    self.route = route
  }

  /// - Parameters:
  ///   - address: Where the engine's client says that the engine is: `unix:///var/run/docker.sock`.
  ///   - command: Calls the client, which connects where this process may not.
  /// - Returns: The interface, and why the socket is out of reach for this process.
  static func reached(at address: String, through command: DockerCommand) -> (api: EngineAPI, fault: SystemFault?) {
    let route = EngineConnection.Route.socket(String(address.trimmingPrefix("unix://")))
    guard let fault = route.fault else { return (EngineAPI(route), nil) }
    return (EngineAPI(.program(command.command(["system", "dial-stdio"]))), fault)
  }

  deinit {
    idle.withLock { connections in
      for connection in connections { connection.close() }
    }
  }

  /// - Throws: `SystemFault` if the engine cannot be reached; `CancellationError`.
  func get(_ path: String, _ query: [(name: String, value: String)] = []) async throws -> Answer {
    try await answer(to: path, Call(query: query))
  }

  /// - Throws: The same; `CancellationError` also if the engine does not answer in time.
  func get(_ path: String, within seconds: Int) async throws -> Answer {
    try await DioptraSystem.within(.seconds(seconds)) { try await self.get(path) }
  }

  /// - Throws: `SystemFault` if the engine cannot be reached; `CancellationError`.
  func post(_ path: String, body: (some Encodable)? = nil as [String]?) async throws -> Answer {
    try await answer(to: path, try .post(body))
  }

  /// - Throws: `SystemFault` if the engine cannot be reached; `CancellationError`.
  func delete(_ path: String, _ query: [(name: String, value: String)] = []) async throws -> Answer {
    try await answer(to: path, Call(method: .delete, query: query))
  }

  /// - Throws: `SystemFault` if the engine cannot be reached; `CancellationError`.
  func answer(to path: String, _ call: Call) async throws -> Answer {
    var body: [UInt8] = []
    let head = try await stream(path, call) { _, piece in body += piece }
    return Answer(status: head.status, body: body)
  }

  /// Passes on the body of the response as it comes.
  ///
  /// - Throws: `SystemFault` if the engine cannot be reached; `CancellationError`; errors of the body.
  @discardableResult
  func stream(
    _ path: String, _ call: Call, eachPiece: (HTTPHead, [UInt8]) throws -> Void
  ) async throws -> HTTPHead {
    let request = request(path, call)
    // Only a question can safely be asked twice.
    if call.method == .get, let used = idle.withLock({ $0.popLast() }) {
      var isAnswered = false
      do {
        return try await exchange(request, on: used) { head, piece in
          isAnswered = true
          try eachPiece(head, piece)
        }
      } catch {
        try Task.checkCancellation()
        // The engine may have closed a connection that was not in use.
        if isAnswered { throw error }
      }
    }
    return try await exchange(request, on: EngineConnection(route), eachPiece)
  }

  private func exchange(
    _ request: [UInt8], on connection: EngineConnection, _ eachPiece: (HTTPHead, [UInt8]) throws -> Void
  ) async throws -> HTTPHead {
    do {
      let head = try await connection.exchange(request, eachPiece: eachPiece)
      if !(head.keepsConnection && keep(connection)) { connection.close() }
      return head
    } catch {
      connection.close()
      throw error
    }
  }

  /// Keeps a connection for the next question.
  ///
  /// - Returns: False if there are enough, or it is a program that should end.
  private func keep(_ connection: EngineConnection) -> Bool {
    guard case .socket = route else { return false }
    return idle.withLock { idle in
      guard idle.count < Self.kept else { return false }
      idle.append(connection)
      return true
    }
  }

  /// How many connections are kept while nothing is asked.
  private static let kept = 4

  private func request(_ path: String, _ call: Call) -> [UInt8] {
    let query = call.query.map { "\($0.name.percentEncoded)=\($0.value.percentEncoded)" }.joined(separator: "&")
    let target = path + (query.isEmpty ? "" : "?\(query)")
    var fields = call.fields
    fields["Host"] = "docker"
    if let body = call.body {
      fields["Content-Length"] = String(body.count)
      if fields["Content-Type"] == nil { fields["Content-Type"] = "application/json" }
    } else if call.method == .post {
      fields["Content-Length"] = "0"
    }
    let lines =
      ["\(call.method.rawValue.uppercased()) \(target) HTTP/1.1"]
      + fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    return Array(lines.map { "\($0)\r\n" }.joined().utf8) + Array("\r\n".utf8) + (call.body ?? [])
  }
}
