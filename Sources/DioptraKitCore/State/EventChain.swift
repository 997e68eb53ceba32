internal import DioptraModel
internal import DioptraSystem

/// The events in order, each recomputed: where the chain breaks, and which facts it binds.
struct EventChain {
  /// What an event records about some facts.
  struct Bound: Equatable {
    let event: Int
    let digest: Substring
  }

  static let statement = """
    SELECT id, CAST(at AS BLOB) AS at, CAST(kind AS BLOB) AS kind, CAST(body AS BLOB) AS body,
      CAST(previous AS BLOB) AS previous, CAST(digest AS BLOB) AS digest
    FROM event ORDER BY id
    """

  /// The first break, in plain words.
  private(set) var problem: String?
  /// The events before the first break.
  private(set) var count = 0
  private(set) var bound: [String: Bound] = [:]
  private var digests: [[UInt8]] = []

  /// The last event before the first break.
  var head: ChainHead? {
    digests.last.map { ChainHead(event: count, digest: Digest(hexadecimal: String(decoding: $0, as: UTF8.self))) }
  }

  mutating func add(_ row: SQLRow) throws(DioptraError) {
    guard problem == nil else { return }
    let id: Int = try row["id"]
    let at: [UInt8] = try row["at"]
    let kind: [UInt8] = try row["kind"]
    let body: [UInt8] = try row["body"]
    let previous: [UInt8] = try row["previous"]
    let digest: [UInt8] = try row["digest"]
    let name = "event \(id) (\(String(decoding: kind, as: UTF8.self)), \(String(decoding: at, as: UTF8.self)))"
    guard id == count + 1 else {
      problem =
        id < 1
        ? "\(name) has a number that no event gets: it was added"
        : id == count + 2
          ? "event \(count + 1) was removed: after event \(count) comes \(name)"
          : "events \(count + 1) to \(id - 1) were removed: after event \(count) comes \(name)"
      return
    }
    guard previous == digests.last ?? [] else {
      problem =
        id == 1
        ? "\(name) is not the first that there was: it names one before it"
        : "\(name) does not follow event \(id - 1): one of them was replaced, added or moved"
      return
    }
    guard Self.digest(id, at, kind, body, previous).elementsEqual(digest) else {
      problem = "\(name) was changed: its digest is another"
      return
    }
    for (subject, digest) in EventBody(text: String(decoding: body, as: UTF8.self)).bound {
      let subject = String(subject)
      if let earlier = bound[subject], !Self.mayChange(subject, by: kind) {
        problem =
          "\(name) tells of \(BoundFacts.description(of: subject)) again, which event \(earlier.event) told of: it was added"
        return
      }
      bound[subject] = Bound(event: id, digest: digest)
    }
    count = id
    digests.append(digest)
  }

  /// A chain begins with the deployment: it is never empty.
  mutating func end() {
    if count == 0, problem == nil { problem = "there is no event left: all were removed" }
  }

  /// The problem with a head that was kept elsewhere.
  func problem(noted: ChainHead) -> String? {
    // An earlier break is more informative.
    if noted.event > count, problem != nil { return nil }
    guard noted.event <= count else {
      return "the history was cut off: event \(noted.event) was noted, and it ends with event \(count)"
    }
    guard digests[noted.event - 1].elementsEqual(noted.digest.hexadecimal.utf8) else {
      return
        "event \(noted.event) is not the one that was noted: it or one before it was changed, and the chain rewritten"
    }
    return nil
  }

  /// The only facts that may be recorded repeatedly: the choices of an unfinished first `init`, the deployment's place,
  /// a move of its data, and the id of a copy that becomes a separate deployment.
  private static func mayChange(_ subject: String, by kind: [UInt8]) -> Bool {
    changeable.contains(subject)
      || subject == BoundFacts.deployment.subject([.text("id")])
        && kind.elementsEqual(State.EventKind.identityRenewed.rawValue.utf8)
  }

  private static let changeable = Set(
    ([State.choicesName] + State.changingFacts).map { BoundFacts.deployment.subject([.text($0)]) })

  /// As `State.digest(id:at:kind:body:previous:)`, for the bytes in SQLite.
  private static func digest(_ id: Int, _ parts: [UInt8]...) -> String.UTF8View {
    var bytes: [UInt8] = []
    for part in [Array(String(id).utf8)] + parts {
      bytes += "\(part.count):".utf8
      bytes += part
    }
    return Digest(of: bytes).hexadecimal.utf8
  }
}

extension BoundFacts {
  /// A readable name for the facts of a subject.
  static func description(of subject: String) -> String {
    let parts = subject.split(separator: " ", maxSplits: 1)
    guard let facts = parts.first.flatMap({ BoundFacts(rawValue: String($0)) }), parts.count == 2 else {
      return subject.quoted
    }
    let key = String(parts[1])
    let names = key.split(separator: " ", maxSplits: 1).map(String.init)
    return switch facts {
    case .deployment: "the deployment's \(key == State.chainKeyName ? "key of the chain" : key)"
    case .secret: "the secret \(key.replacing(#/ (\d+)$/#) { ", version \($0.1)" })"
    case .run: "run \(key)"
    case .runEffect: "the effect of run \(key)"
    case .runEnd: "the end of run \(key)"
    case .step: "the step \(names.last ?? "") of run \(names[0])"
    case .stepEnd: "the end of the step \(names.last ?? "") of run \(names[0])"
    case .generation: "generation \(key)"
    case .generationApplied: "the moment at which generation \(key) was in place"
    case .files: "the list of files of generation \(key)"
    case .changes: "the list of changes of generation \(key)"
    case .migration: "the migration \(names.last ?? "") of generation \(names[0])"
    case .backup: "the backup of run \(key)"
    case .claim: "the claim of the volume \(names.last ?? "")"
    }
  }
}
