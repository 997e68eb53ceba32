internal import DioptraPlatform
internal import DioptraSystem
internal import FoundationEssentials

/// A message of the engine while it fetches an image: one JSON object (`POST /images/create`).
struct PullMessage: Decodable {
  struct Detail: Decodable {
    let current: Int?
    let total: Int?
    /// `s` for the seconds that an extraction takes; nil for bytes.
    let units: String?
  }

  /// The beginning of a layer's digest; other messages have a tag or nothing.
  let id: String?
  let status: String?
  let detail: Detail?
  let error: String?

  enum CodingKeys: String, CodingKey {
    case id, status, error
    case detail = "progressDetail"
  }
}

/// Counts the bytes of an image while its layers come.
struct PullProgress {
  /// One layer.
  private struct Layer {
    var bytes = 0
    var total: Int?
    var extracted = 0
    var isComplete = false
    var isExtracting = false
    /// Whether it has begun to come.
    var isComing = false
    var pause: String?

    /// After a break, the engine resumes a layer and counts what is left as a new total.
    mutating func take(_ detail: PullMessage.Detail?) {
      isComing = true
      pause = nil
      let current = detail?.current ?? 0
      guard let left = detail?.total, left > 0 else { return bytes = max(bytes, current) }
      let whole = max(total ?? 0, left)
      total = whole
      bytes = whole - left + current
    }
  }

  private var layers: [String: Layer] = [:]
  private var rest: [UInt8] = []

  /// - Parameter piece: The next bytes of the engine's answer.
  /// - Returns: The progress after each message.
  /// - Throws: `FetchFailure` that the engine reports.
  mutating func add(_ piece: [UInt8]) throws -> [FetchProgress] {
    rest += piece
    var reports: [FetchProgress] = []
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      let line = Data(rest[..<end])
      rest.removeFirst(end + 1)
      guard let message = try? JSONDecoder().decode(PullMessage.self, from: line) else { continue }
      if let error = message.error { throw FetchFailure(dockerSaying: error) }
      take(message)
      reports.append(report)
    }
    return reports
  }

  private mutating func take(_ message: PullMessage) {
    guard let id = message.id, let status = message.status else { return }
    switch status {
    case "Pulling fs layer", "Waiting":
      layers[id] = layers[id] ?? Layer()
    case "Downloading":
      var layer = layers[id] ?? Layer()
      layer.take(message.detail)
      layers[id] = layer
    case "Download complete", "Verifying Checksum":
      guard var layer = layers[id] else { return }
      layer.total = layer.total ?? layer.bytes
      layer.bytes = layer.total ?? 0
      layers[id] = layer
    case "Extracting":
      guard var layer = layers[id] else { return }
      if let total = layer.total { layer.bytes = total }
      layer.isExtracting = true
      layer.extracted = message.detail?.current ?? layer.extracted
      layers[id] = layer
    case "Pull complete":
      guard var layer = layers[id] else { return }
      layer.total = layer.total ?? layer.bytes
      layer.bytes = layer.total ?? 0
      layer.isComplete = true
      layer.isExtracting = false
      layers[id] = layer
    case "Already exists":
      layers[id] = nil
    case _ where status.hasPrefix("Retrying in"):
      layers[id]?.pause = status
    default:
      break
    }
  }

  private var phase: FetchProgress.Phase {
    if layers.isEmpty { return .connecting }
    if layers.values.contains(where: { $0.isComing && $0.bytes < $0.total ?? .max }) { return .downloading }
    if layers.values.contains(where: \.isExtracting) { return .extracting }
    return layers.values.contains(where: { !$0.isComing }) ? .queued : .extracting
  }

  private var report: FetchProgress {
    let all = layers.values
    let totals = all.compactMap(\.total)
    let pause = all.lazy.compactMap(\.pause).first
    return FetchProgress(
      phase: phase,
      bytes: all.reduce(0) { $0 + $1.bytes }, total: totals.count == all.count ? totals.reduce(0, +) : nil,
      extracted: all.reduce(0) { $0 + $1.extracted }, layers: all.count(where: \.isComplete),
      note: pause.map { $0.prefix(1).lowercased() + $0.dropFirst() })
  }
}
