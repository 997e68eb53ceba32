internal import Glibc

/// A moment, to the second, in UTC.
public struct Timestamp: Sendable, Equatable, CustomStringConvertible {
  /// Seconds since 1970.
  public let seconds: Int

  public init(seconds: Int) {
    self.seconds = seconds
  }

  /// Reads RFC 3339 in UTC: `2026-11-22T09:30:00Z`.
  public init?(_ text: String) {
    let numbers = text.split { !$0.isNumber }.compactMap { Int32($0) }
    guard text.hasSuffix("Z"), numbers.count == 6 else { return nil }
    var parts = tm()
    (parts.tm_year, parts.tm_mon, parts.tm_mday) = (numbers[0] - 1900, numbers[1] - 1, numbers[2])
    (parts.tm_hour, parts.tm_min, parts.tm_sec) = (numbers[3], numbers[4], numbers[5])
    seconds = timegm(&parts)
  }

  public static var now: Timestamp {
    Timestamp(seconds: time(nil))
  }

  /// How long ago it is, as a person says it: "3 minutes ago"; "in 2 days" for what is to come.
  public func words(from now: Timestamp) -> String {
    let difference = now.seconds - seconds
    let span = Swift.abs(difference)
    let units = [(86_400 * 365, "year"), (86_400 * 30, "month"), (86_400, "day"), (3_600, "hour"), (60, "minute")]
    guard let unit = units.first(where: { span >= $0.0 }) else { return difference < 0 ? "in a moment" : "just now" }
    let count = span / unit.0
    let words = "\(count) \(unit.1)\(count == 1 ? "" : "s")"
    return difference < 0 ? "in \(words)" : "\(words) ago"
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
