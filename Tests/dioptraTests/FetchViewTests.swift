import DioptraKitCore
import Testing

@testable import dioptra

/// What a terminal shows of images while they are fetched.
struct FetchViewTests {
  private let start = ContinuousClock.now

  /// Reports of the image `a`, one a second.
  private func view(_ reports: [FetchProgress], images: Int = 1) -> FetchView {
    var view = FetchView(images: images)
    for (second, report) in reports.enumerated() { view.take(report, of: "a", at: start + .seconds(second)) }
    return view
  }

  @Test func anImageShowsBytesRateAndTimeLeft() {
    let reports = (0...4).map { FetchProgress(phase: .downloading, bytes: $0 * 2_000_000, total: 100_000_000) }
    let view = view(reports)
    #expect(view.line(of: "a") == "8.0 MB of 100 MB, 2.0 MB/s, 47 s left")
    #expect(view.summary == "images: 0 of 1 fetched, 8.0 MB of 100 MB, 2.0 MB/s, 47 s left")
    #expect(view.line(of: "b") == nil)
  }

  @Test func aSizeThatIsNotKnownIsNotInvented() {
    let view = view([FetchProgress(phase: .downloading, bytes: 500)], images: 3)
    #expect(view.line(of: "a") == "500 B")
    #expect(view.summary == "images: 0 of 3 fetched, 500 B of at least 500 B")
  }

  @Test func theSumGoesOnWhenAnImageIsComplete() {
    var view = view([FetchProgress(phase: .downloading, bytes: 1000, total: 1000)], images: 2)
    view.end("a")
    #expect(view.summary == nil)
    view.take(FetchProgress(phase: .downloading, bytes: 10, total: 500), of: "b", at: start + .seconds(9))
    #expect(view.summary?.hasPrefix("images: 1 of 2 fetched, 1.0 kB of 1.5 kB") == true)
  }

  @Test func whatTheEngineDoesIsSaid() {
    let phases: [(FetchProgress, String)] = [
      (FetchProgress(phase: .connecting), "connecting"), (FetchProgress(phase: .queued), "waiting for other images"),
      (FetchProgress(phase: .extracting, bytes: 2000, total: 2000, extracted: 5), "2.0 kB, extracting"),
      (
        FetchProgress(phase: .waiting, bytes: 9, note: "unexpected EOF; trying again in 2.0 s"),
        "unexpected EOF; trying again in 2.0 s"
      ),
    ]
    for (progress, text) in phases { #expect(view([progress]).line(of: "a") == text) }
  }

  /// The rate is that of the last seconds, and an attempt from the beginning is no negative one.
  @Test func theRateForgetsWhatIsLongAgo() {
    var rate = TransferRate()
    for second in 0...30 { rate.add(min(second, 10) * 1000, at: start + .seconds(second)) }
    #expect(rate.perSecond == 0)
    rate.add(0, at: start + .seconds(31))
    #expect(rate.perSecond == nil)
    rate.add(500, at: start + .seconds(32))
    #expect(rate.perSecond == 500)
  }
}
