import DioptraKitCore
import TestSupport
import Testing

struct TimestampTests {
  private let now = Timestamp(seconds: 1_790_000_000)

  @Test(arguments: [
    ("2026-09-21T14:13:20Z", 1_790_000_000), ("2026-09-21t14:13:20.999z", 1_790_000_000),
    ("2026-09-21T16:13:20+02:00", 1_790_000_000), ("2026-09-21T08:43:20-05:30", 1_790_000_000),
    ("2024-02-29T00:00:00Z", 1_709_164_800), ("1970-01-01T00:00:00Z", 0),
  ])
  func aTimeIsRead(text: String, seconds: Int) {
    #expect(Timestamp(rfc3339: text)?.seconds == seconds)
  }

  @Test(arguments: [
    "", "2026-09-21", "2026-09-21 14:13:20Z", "2026-09-21T14:13:20", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
    "2026-09-21T24:00:00Z", "2026-09-21T14:60:00Z", "2026-09-21T14:13:20.Z", "2026-09-21T14:13:20+0200",
    "2026-09-21T14:13:20Zx", "2026-09-21T14:13:20.5", "x026-09-21T14:13:20Z", "2026-00-10T00:00:00Z",
  ])
  func anInvalidTimeIsNil(text: String) {
    #expect(Timestamp(rfc3339: text) == nil)
  }

  @Test(arguments: [
    ("2026-09-20", 1_789_862_400), ("2026-09-21T14:13:20Z", 1_790_000_000), ("7d", 1_789_395_200),
    ("12h", 1_789_956_800), ("30m", 1_789_998_200), ("90s", 1_789_999_910), ("1w", 1_789_395_200),
    ("0d", 1_790_000_000),
    ("9999999d", 0),
  ])
  func historyIsWantedSince(text: String, seconds: Int) throws {
    #expect(try Timestamp(since: text, now: now).seconds == seconds)
  }

  @Test(arguments: [
    "", "d", "7", "7x", "-7d", "yesterday", "2026-02-30", "99999999999999999999d", "9223372036854775807w",
  ])
  func anInvalidTimeIsRefusedWithTheAcceptedForms(text: String) {
    let error = #expect(throws: DioptraError.self) { try Timestamp(since: text, now: now) }
    #expect(error?.exitCode == .usage)
    #expect(error?.remedy.contains("2026-11-22") == true)
  }

  @Test(arguments: [
    (0, "just now"), (7, "7 seconds ago"), (60, "1 minute ago"), (7_199, "1 hour ago"), (90_000, "1 day ago"),
    (15 * 86_400, "2 weeks ago"), (100 * 86_400, "3 months ago"), (800 * 86_400, "2 years ago"),
    (-60, "2026-09-21T14:14:20Z"),
  ])
  func timesAgoAreShownAsText(seconds: Int, words: String) {
    #expect(Timestamp(seconds: now.seconds - seconds).text(before: now) == words)
  }
}
