internal import DioptraSystem
internal import Glibc

/// A connection to the engine, for one request at a time.
struct EngineConnection: Sendable {
  /// How the engine is reached.
  enum Route: Equatable, Sendable {
    /// Through its socket, at a path of this host.
    case socket(String)
    /// Through a program that passes bytes between its standard input and output and the engine.
    case program(ExternalCommand)

    /// Whether this process may connect.
    var isOpen: Bool {
      guard let connection = try? EngineConnection(self) else { return false }
      connection.close()
      return true
    }
  }

  private let channel: ByteChannel

  /// - Throws: `SystemFault`.
  init(_ route: Route) throws {
    switch route {
    case .socket(let path): channel = try Caller.inOwnName { try ByteChannel.connected(to: path) }
    case .program(let command):
      let (own, other) = try Self.pair()
      channel = try ByteChannel(own)
      // It ends when its input does.
      Task.detached {
        _ = try? await command.run(with: other)
        Glibc.close(other)
      }
    }
  }

  func close() { channel.close() }

  /// Sends a request and passes on the body of the response as it comes.
  ///
  /// - Throws: `SystemFault`; `HTTPResponseReader.Fault`; `CancellationError`.
  func exchange(
    _ request: [UInt8], eachPiece: (HTTPHead, [UInt8]) throws -> Void
  ) async throws -> HTTPHead {
    try await withTaskCancellationHandler {
      try channel.send(request)
      var reader = HTTPResponseReader()
      for await piece in channel.received {
        let body = try reader.add(piece)
        if let head = reader.head, !body.isEmpty { try eachPiece(head, body) }
        if reader.isComplete { break }
      }
      try Task.checkCancellation()
      if !reader.isComplete { try reader.end() }
      guard let head = reader.head else { throw HTTPResponseReader.Fault.cutOff }
      return head
    } onCancel: {
      channel.close()
    }
  }

  private static func pair() throws -> (Int32, Int32) {
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw SystemFault(code: errno)
    }
    return (ends[0], ends[1])
  }
}
