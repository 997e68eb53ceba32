internal import Glibc

/// A moment, to the second, in UTC.
public struct Timestamp: Sendable, Equatable, CustomStringConvertible {
  /// Seconds since 1970.
  public let seconds: Int

  public init(seconds: Int) {
    self.seconds = seconds
  }

  public static var now: Timestamp {
    Timestamp(seconds: time(nil))
  }

  /// `2026-11-22`.
  public var day: String { String(description.prefix(10)) }

  /// RFC 3339: `2026-11-22T09:30:00Z`.
  public var description: String {
    var seconds = time_t(seconds)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
      + "T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
  }
}
