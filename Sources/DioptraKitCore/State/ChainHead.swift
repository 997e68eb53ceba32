internal import DioptraModel
public import DioptraSystem

/// The end of the chain of events: kept elsewhere, it detects any later change of what comes before it.
public struct ChainHead: Equatable, Sendable, CustomStringConvertible {
  /// The number of the last event.
  public let event: Int
  /// The digest of the last event.
  public let digest: Digest

  init(event: Int, digest: Digest) {
    self.event = event
    self.digest = digest
  }

  /// - Parameter text: The number and the digest of an event, such as `41-9f3c…` with all 64 digits.
  /// - Throws: `DioptraError` for a text in another form.
  public init(_ text: String) throws(DioptraError) {
    let parts = text.trimmingBlanks.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let event = Int(parts[0]), event > 0, parts[1].utf8.count == 64,
      parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20) })
    else {
      throw DioptraError(
        .usage, "\(text.quoted) is not the head of a history",
        remedy: "Give the number, the hyphen and the 64 digits that \(dioptra: "history", "head") printed")
    }
    self.init(event: event, digest: Digest(hexadecimal: parts[1].lowercased()))
  }

  /// The number and the digest, such as `41-9f3c…`, as `init(_:)` reads it.
  public var description: String { "\(event)-\(digest)" }
}

extension State {
  /// The current end of the chain of events.
  public func head() throws -> ChainHead {
    let last = try database.first("SELECT id, digest FROM event ORDER BY id DESC LIMIT 1") { row in
      ChainHead(event: try row["id"], digest: try row["digest"])
    }
    guard let last else {
      throw DioptraError(
        .stateIncomplete, "\(database.path) has no events: they were removed", remedy: "Restore it from a backup")
    }
    return last
  }
}

extension String {
  fileprivate var trimmingBlanks: String {
    String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
