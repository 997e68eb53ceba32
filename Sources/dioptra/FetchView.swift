import DioptraKitCore

/// What a terminal shows of images while they are fetched: bytes, rate and time left, for each and in all.
struct FetchView {
  /// An image that is being fetched.
  private struct Image {
    var progress = FetchProgress()
    var rate = TransferRate()
  }

  private var images: [StepID: Image] = [:]
  /// Bytes of images that have come completely.
  private var ended = 0
  private var completed = 0
  private let total: Int
  private var rate = TransferRate()

  /// - Parameter images: How many are to be fetched.
  init(images: Int) {
    total = images
  }

  mutating func take(_ progress: FetchProgress, of id: StepID, at now: ContinuousClock.Instant) {
    var image = images[id] ?? Image()
    image.progress = progress
    image.rate.add(progress.bytes, at: now)
    images[id] = image
    rate.add(bytes, at: now)
  }

  mutating func end(_ id: StepID) {
    guard let image = images.removeValue(forKey: id) else { return }
    ended += image.progress.bytes
    completed += 1
  }

  /// Bytes that have come.
  private var bytes: Int { ended + images.values.reduce(0) { $0 + $1.progress.bytes } }

  /// What comes after an image's title and time; nil for a step that fetches none.
  func line(of id: StepID) -> String? {
    images[id].map { Self.line($0.progress, rate: $0.rate.perSecond) }
  }

  /// The sum, as the last line; nil unless something is being fetched.
  ///
  /// Sizes are known once an image's layers begin to come: until then the sum is the least that it can be.
  var summary: String? {
    guard !images.isEmpty else { return nil }
    let rate = rate.perSecond
    let parts = [
      "images: \(completed) of \(total) fetched", "\(ByteCount.text(bytes)) of \(allBytesText)",
      rate.map { "\(ByteCount.text($0))/s" }, rate.flatMap { Self.timeLeft(knownBytes - bytes, rate: $0) },
    ]
    return parts.compactMap(\.self).joined(separator: ", ")
  }

  /// Bytes of all layers whose size is known.
  private var knownBytes: Int {
    ended + images.values.reduce(0) { $0 + max($1.progress.bytes, $1.progress.total ?? 0) }
  }

  private var allBytesText: String {
    let isWhole = completed + images.count == total && images.values.allSatisfy { $0.progress.total != nil }
    return "\(isWhole ? "" : "at least ")\(ByteCount.text(knownBytes))"
  }

  /// `120 MB of 310 MB, 4.2 MB/s, 45 s left`.
  static func line(_ progress: FetchProgress, rate: Int?) -> String {
    if let note = progress.note { return note }
    switch progress.phase {
    case .connecting, .waiting: return "connecting"
    case .queued: return "waiting for other images"
    case .extracting: return "\(ByteCount.text(progress.bytes)), extracting"
    case .downloading:
      let total = progress.total.map { " of \(ByteCount.text($0))" } ?? ""
      let per = rate.map { ", \(ByteCount.text($0))/s" } ?? ""
      let left = progress.total.flatMap { total in rate.flatMap { timeLeft(total - progress.bytes, rate: $0) } }
      return "\(ByteCount.text(progress.bytes))\(total)\(per)\(left.map { ", \($0)" } ?? "")"
    }
  }

  /// In whole seconds; nil if nothing is left or nothing comes.
  private static func timeLeft(_ bytes: Int, rate: Int) -> String? {
    guard rate > 0, bytes > 0 else { return nil }
    let seconds = bytes / rate + 1
    return "\(seconds < 60 ? "\(seconds) s" : Duration.seconds(seconds).text) left"
  }
}

/// Bytes per second over the last few seconds.
struct TransferRate {
  private var samples: [(at: ContinuousClock.Instant, bytes: Int)] = []
  private static let window = Duration.seconds(10)
  private static let interval = Duration.milliseconds(500)

  /// - Parameter bytes: All that have come so far.
  mutating func add(_ bytes: Int, at now: ContinuousClock.Instant) {
    // Another attempt counts from the beginning.
    if let last = samples.last, bytes < last.bytes { samples = [] }
    if let last = samples.last, now - last.at < Self.interval { return }
    samples.append((now, bytes))
    samples.removeAll { now - $0.at > Self.window }
  }

  /// nil until there is something to tell from.
  var perSecond: Int? {
    guard let first = samples.first, let last = samples.last, last.at - first.at >= .seconds(1) else { return nil }
    return Int(Double(last.bytes - first.bytes) / (last.at - first.at).inSeconds)
  }
}
