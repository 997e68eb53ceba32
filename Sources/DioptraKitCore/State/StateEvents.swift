internal import DioptraModel
package import DioptraSystem

extension State {
  /// The kind of an entry in the chain of events.
  enum EventKind: String {
    case deploymentCreated = "deployment created"
    case choicesRemembered = "choices remembered"
    /// From here on the chain binds all facts; that of an older program did not.
    case factsBound = "facts bound"
    case secretAdded = "secret added"
    case runStarted = "run started"
    case runFinished = "run finished"
    case generationPlanned = "generation planned"
    case generationApplied = "generation applied"
    case generationAbandoned = "generation abandoned"
    case stepStarted = "step started"
    case stepFinished = "step finished"
    case backupMade = "backup made"
    case volumeClaimed = "volume claimed"
    case placeRecorded = "place recorded"
    case identityRenewed = "identity renewed"
    case renamingBegun = "renaming begun"
    case renamingEnded = "renaming ended"
  }

  /// Facts that an event binds, identified by a key.
  struct Binding {
    let facts: BoundFacts
    let key: [SQLValue]

    init(_ facts: BoundFacts, _ key: SQLValue...) {
      self.facts = facts
      self.key = key
    }
  }

  /// Adds an entry to the chain, in the transaction of what it records.
  ///
  /// - Parameter bindings: The facts as they are in State now.
  func record(
    _ kind: EventKind, _ details: [String: String], binding bindings: [Binding] = [], at now: Timestamp
  )
    throws
  {
    let digests = try bindings.map { binding in
      (binding.facts.subject(binding.key), try digest(of: binding.facts, binding.key)?.hexadecimal)
    }
    try record(kind, EventBody(details: details, digests: digests), at: now)
  }

  func record(_ kind: EventKind, _ body: EventBody, at now: Timestamp) throws {
    let last: (id: Int, digest: String)? = try database.first(
      "SELECT id, digest FROM event ORDER BY id DESC LIMIT 1"
    ) { (try $0["id"], try $0["digest"]) }
    let id = (last?.id ?? 0) + 1
    let previous = last?.digest ?? ""
    let digest = Self.digest(id: id, at: now.description, kind: kind.rawValue, body: body.text, previous: previous)
    try database.run(
      "INSERT INTO event (id, at, kind, body, previous, digest) VALUES (?, ?, ?, ?, ?, ?)",
      [
        .integer(id), .text(now.description), .text(kind.rawValue), .text(body.text), .text(previous),
        .text(digest.hexadecimal),
      ])
  }

  /// The digest that binds an entry to all earlier ones. Each part is preceded by its length, so that none can take
  /// another's place.
  package static func digest(id: Int, at: String, kind: String, body: String, previous: String) -> Digest {
    Digest(of: [String(id), at, kind, body, previous].map { "\($0.utf8.count):\($0)" }.joined())
  }

  /// Binds the facts that older programs left unbound, as they are.
  func bindFacts(newerThan version: Int, now: Timestamp) throws {
    let key = try chainKey
    var digests: [(String, String?)] = []
    for facts in BoundFacts.allCases where facts.version > version {
      digests += try facts.readings(of: database, key: key).filter { !$0.reading.isEmpty }
        .map { ($0.subject, $0.reading.digest.hexadecimal) }
    }
    if version < StateSchema.versionOfBoundFacts || !digests.isEmpty {
      try record(.factsBound, EventBody(details: [:], digests: digests), at: now)
    }
  }
}

extension State.EventKind: SQLReadable {}

/// The content of an event: lines of `name: value`, and of `binds NAME OF FACTS: DIGEST`.
struct EventBody: Equatable {
  let text: String

  private static let binds = "binds "
  /// For facts that were removed on purpose, or do not exist.
  static let nothing = "-"

  init(details: [String: String], digests: [(name: String, digest: String?)]) {
    let said = details.sorted { $0.key < $1.key }.map { "\($0.key): \(Self.oneLine($0.value))" }
    let binding = digests.map { "\(Self.binds)\($0.name): \($0.digest ?? Self.nothing)" }
    text = (said + binding).joined(separator: "\n")
  }

  init(text: String) {
    self.text = text
  }

  /// The facts that the event binds, in order.
  var bound: [(name: Substring, digest: Substring)] {
    text.utf8.split(separator: UInt8(ascii: "\n")).compactMap { line in
      guard line.starts(with: Self.binds.utf8), let colon = line.lastIndex(of: UInt8(ascii: ":")) else { return nil }
      let digest = line[line.index(after: colon)...].dropFirst()
      return (Substring(line[..<colon].dropFirst(Self.binds.utf8.count)), Substring(digest))
    }
  }

  /// Prevents a value from looking like another line.
  static func oneLine(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 == 0x0A || $0 == 0x5C }) else { return text }
    return text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
  }
}
