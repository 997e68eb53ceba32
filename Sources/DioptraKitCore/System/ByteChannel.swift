internal import Glibc
internal import Synchronization

/// A two-way stream of bytes, such as a connected socket. It is read on a thread of its own, so that waiting for bytes
/// holds up nothing else.
package final class ByteChannel: Sendable {
  /// What the other side sends; it ends when the other side closes, or this side does.
  package let received: AsyncStream<[UInt8]>
  private let descriptor: Mutex<Int32?>

  /// - Parameter descriptor: An open socket. It is closed when the other side has closed it, or after `close()`.
  package init(_ descriptor: Int32) throws {
    self.descriptor = Mutex(descriptor)
    let (received, continuation) = AsyncStream<[UInt8]>.makeStream()
    self.received = received
    let isRunning = BackgroundThread.start { [weak self] in
      var piece = [UInt8](repeating: 0, count: 64 << 10)
      while true {
        let count = recv(descriptor, &piece, piece.count, 0)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { break }
        continuation.yield(Array(piece[..<count]))
      }
      continuation.finish()
      self?.descriptor.withLock { $0 = nil }
      Glibc.close(descriptor)
    }
    guard isRunning else {
      Glibc.close(descriptor)
      throw SystemFault(code: EAGAIN)
    }
  }

  deinit { close() }

  /// Connects to a Unix socket.
  ///
  /// - Throws: `SystemFault` if the socket cannot be reached.
  package static func connected(to path: String) throws -> ByteChannel {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let fits = withUnsafeMutableBytes(of: &address.sun_path) { place in
      guard path.utf8.count < place.count else { return false }
      place.copyBytes(from: path.utf8)
      return true
    }
    guard fits else { throw SystemFault(code: ENAMETOOLONG) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw SystemFault(code: errno) }
    let status = withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0 else {
      let code = errno
      Glibc.close(descriptor)
      throw SystemFault(code: code)
    }
    return try ByteChannel(descriptor)
  }

  /// - Throws: `SystemFault` if the other side has closed.
  package func send(_ bytes: [UInt8]) throws {
    guard let descriptor = descriptor.withLock({ $0 }) else { throw SystemFault(code: EPIPE) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw SystemFault(code: errno) }
      rest = rest.dropFirst(count)
    }
  }

  /// Ends both directions. The thread that reads closes the socket.
  package func close() {
    descriptor.withLock { descriptor in
      if let open = descriptor { shutdown(open, Int32(SHUT_RDWR)) }
      descriptor = nil
    }
  }
}

/// A system call that failed.
package struct SystemFault: Error, Equatable {
  /// As in `errno.h`.
  package let code: Int32

  package init(code: Int32) {
    self.code = code
  }

  /// In the system's words: `Connection refused`.
  package var words: String { String(cString: strerror(code)) }
}
