internal import Glibc

/// A moment, to the second, in UTC.
public struct Timestamp: Sendable, Equatable, CustomStringConvertible {
  /// Seconds since 1970.
  public let seconds: Int

  /// - Parameter seconds: Since 1970, UTC.
  public init(seconds: Int) {
    self.seconds = seconds
  }

  /// The present time, to the second.
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

extension Timestamp {
  /// - Parameter text: RFC 3339, such as `2026-11-22T09:30:00Z` or `2026-11-22T10:30:00.5+01:00`; parts of a second are
  ///   left out.
  public init?(rfc3339 text: some StringProtocol) {
    let bytes = Array(text.utf8)
    func number(_ range: Range<Int>) -> Int? {
      guard range.upperBound <= bytes.count else { return nil }
      return bytes[range].reduce(0 as Int?) { number, byte in
        (0x30...0x39).contains(byte) ? number.map { $0 * 10 + Int(byte) - 0x30 } : nil
      }
    }
    guard bytes.count >= 20, bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[10] | 0x20 == 0x74, bytes[13] == 0x3A,
      bytes[16] == 0x3A, let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
      let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
      let midnight = Self(day: year, month, day), hour < 24, minute < 60, second <= 60
    else { return nil }
    var end = 19
    if bytes[end] == 0x2E {
      end += 1
      while end < bytes.count, (0x30...0x39).contains(bytes[end]) { end += 1 }
      guard end > 20, end < bytes.count else { return nil }
    }
    var offset = 0
    switch bytes[end] {
    case 0x5A, 0x7A: guard bytes.count == end + 1 else { return nil }
    case 0x2B, 0x2D:
      guard bytes.count == end + 6, bytes[end + 3] == 0x3A, let hours = number((end + 1)..<(end + 3)),
        let minutes = number((end + 4)..<(end + 6)), hours < 24, minutes < 60
      else { return nil }
      offset = (hours * 60 + minutes) * (bytes[end] == 0x2B ? 60 : -60)
    default: return nil
    }
    self.init(seconds: midnight.seconds + hour * 3600 + minute * 60 + second - offset)
  }

  /// Midnight of a day, in UTC; nil for a day that the calendar does not have.
  package init?(day year: Int, _ month: Int, _ day: Int) {
    var parts = tm()
    parts.tm_year = Int32(year - 1900)
    parts.tm_mon = Int32(month - 1)
    parts.tm_mday = Int32(day)
    let seconds = timegm(&parts)
    guard parts.tm_mon == month - 1, parts.tm_mday == day else { return nil }
    self.init(seconds: seconds)
  }

  /// Parses the start of a period.
  ///
  /// - Parameter text: A day `2026-11-22` (from midnight, UTC), a time in RFC 3339, or a span back from now in seconds,
  ///   minutes, hours, days or weeks: `90s`, `30m`, `12h`, `7d`, `2w`.
  public init(since text: String, now: Timestamp) throws(DioptraError) {
    if let time = Self(rfc3339: text) {
      self = time
    } else if let match = text.wholeMatch(of: #/(\d{4})-(\d\d)-(\d\d)/#), let year = Int(match.1),
      let month = Int(match.2),
      let day = Int(match.3), let midnight = Self(day: year, month, day)
    {
      self = midnight
    } else if let unit = text.last.flatMap({ Self.units[$0] }), let count = Int(text.dropLast()), count >= 0,
      case let (span, isTooLong) = count.multipliedReportingOverflow(by: unit), !isTooLong
    {
      self.init(seconds: max(0, now.seconds - min(span, now.seconds)))
    } else {
      throw DioptraError(
        .usage, "\(text.quoted) is not a time",
        remedy: "Give a day (2026-11-22), a time (2026-11-22T09:30:00Z) or a span (7d, 12h)")
    }
  }

  private static let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]

  /// How long ago the moment was: `3 minutes ago`.
  public func text(before now: Timestamp) -> String {
    let past = now.seconds - seconds
    guard past >= 0 else { return description }
    if past < 5 { return "just now" }
    func ago(_ count: Int, _ unit: String) -> String { "\(count) \(unit)\(count == 1 ? "" : "s") ago" }
    switch past {
    case ..<60: return ago(past, "second")
    case ..<3600: return ago(past / 60, "minute")
    case ..<86_400: return ago(past / 3600, "hour")
    case ..<(14 * 86_400): return ago(past / 86_400, "day")
    case ..<(60 * 86_400): return ago(past / (7 * 86_400), "week")
    case ..<(730 * 86_400): return ago(past / (30 * 86_400), "month")
    default: return ago(past / (365 * 86_400), "year")
    }
  }
}
