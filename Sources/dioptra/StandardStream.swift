import Glibc

/// A stream that the process was started with.
enum StandardStream: Int32 {
  case output = 1
  case errors = 2

  /// Writes all characters.
  ///
  /// - Returns: nil once all are written, else the system's number of what is wrong.
  @discardableResult
  func write(_ text: String) -> Int32? {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(rawValue, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return errno }
      bytes = bytes.dropFirst(count)
    }
    return nil
  }
}
