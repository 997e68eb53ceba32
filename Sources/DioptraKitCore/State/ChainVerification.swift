internal import DioptraModel
internal import DioptraSystem

/// Recomputes the chain of events, and compares everything else in State with what the events bind.
///
/// It relies on nothing that the database enforces, such as triggers and constraints. It proves that nothing was
/// changed without recomputing the chain, and, with a head that was kept elsewhere, that nothing up to that event was
/// changed at all.
public struct ChainVerification: Equatable, Sendable {
  /// The first break of the chain, in plain words; nil if it is intact.
  public let problem: String?
  /// The number of events before the first break.
  public let events: Int
  /// The end of the chain; nil if it is broken before.
  public let head: ChainHead?
  /// The head that was given, if any.
  package let noted: ChainHead?
  /// Outputs of steps that were pruned, which is allowed.
  package let outputsThrownAway: Int

  package var isIntact: Bool { problem == nil }

  /// What an intact chain proves, and what it does not.
  public var text: String {
    var text = "The chain of \(events) events is intact, and everything recorded matches it.\n"
    if outputsThrownAway > 0 {
      text += "The output of \(outputsThrownAway) steps was pruned; the digests are kept.\n"
    }
    if let noted {
      text += "Event \(noted.event) matches the given head: nothing up to it was changed, added or removed.\n"
      if noted.event < events { text += "To cover later events, keep the current head: \(head?.description ?? "")\n" }
    } else {
      text +=
        "So there was no careless change. Anyone who can write the file could have recomputed the chain or cut off its end;\n"
      text += "a head kept elsewhere (`dioptra history head`) detects that, with `verify --head`.\n"
    }
    return text
  }
}

extension State {
  /// Verifies everything in State, as of one moment; read-only.
  ///
  /// - Parameter noted: A head that was kept elsewhere.
  /// - Throws: `DioptraError` if State is unreadable, or belongs to an older program whose events bind too little.
  public func verify(noted: ChainHead? = nil) throws -> ChainVerification {
    try database.snapshot {
      var chain = EventChain()
      try database.forEach(EventChain.statement) { try chain.add($0) }
      if chain.bound.isEmpty, writtenVersion < StateSchema.versionOfBoundFacts {
        throw DioptraError(
          .versionUnsupported,
          "\(database.path) is of an older dioptra, whose events do not bind all that it remembers",
          remedy: "Run \(dioptra: "init"), which binds it as it is now")
      }
      chain.end()
      var evidence = Evidence(chain)
      if evidence.first == nil { try compareFacts(&evidence) }
      var thrownAway = 0
      if chain.problem == nil {
        try compareContents(&evidence)
        try compareOrigins(&evidence)
        thrownAway = try compareOutputs(&evidence)
      }
      return ChainVerification(
        problem: noted.flatMap { chain.problem(noted: $0) } ?? evidence.first, events: chain.count,
        head: chain.problem == nil ? chain.head : nil, noted: noted, outputsThrownAway: thrownAway)
    }
  }

  /// Problems, by the event that records the facts.
  private struct Evidence {
    let chain: EventChain
    private var found: [(event: Int, problem: String)] = []

    init(_ chain: EventChain) {
      self.chain = chain
      if let problem = chain.problem { found.append((0, problem)) }
    }

    /// The earliest one.
    var first: String? { found.min { $0.event < $1.event }?.problem }

    /// - Parameter subject: The facts that do not match their event.
    mutating func add(_ problem: String, at subject: String) {
      found.append((chain.bound[subject]?.event ?? .max, problem))
    }
  }

  private func compareFacts(_ evidence: inout Evidence) throws {
    let key = try chainKey
    var open = evidence.chain.bound
    for facts in BoundFacts.allCases where facts.version <= writtenVersion {
      for (subject, reading) in try facts.readings(of: database, key: key) {
        let name = BoundFacts.description(of: subject)
        guard let bound = open.removeValue(forKey: subject) else {
          if !reading.isEmpty { evidence.add("no event tells of \(name): it was added", at: subject) }
          continue
        }
        let digest = reading.isEmpty ? EventBody.nothing : reading.digest.hexadecimal
        if bound.digest != digest {
          evidence.add("\(name) was changed: it is not what event \(bound.event) tells", at: subject)
        }
      }
    }
    for (subject, bound) in open where bound.digest != EventBody.nothing {
      evidence.add("\(BoundFacts.description(of: subject)) was removed: event \(bound.event) tells of it", at: subject)
    }
  }

  /// Contents are bound by their digests, which the facts of generations contain.
  private func compareContents(_ evidence: inout Evidence) throws {
    try compareTexts(
      of: "content",
      named: """
        SELECT configuration AS digest, 'dioptra.yaml' AS path, id AS generation FROM generation
        UNION ALL SELECT rendered, path, generation FROM file
        UNION ALL SELECT recorded, path, generation FROM file WHERE recorded IS NOT NULL
        UNION ALL SELECT content, path, generation FROM change WHERE content IS NOT NULL ORDER BY 3
        """, in: "SELECT digest, CAST(body AS BLOB) AS bytes FROM content", &evidence)
  }

  /// The same for where the characters of files come from.
  private func compareOrigins(_ evidence: inout Evidence) throws {
    try compareTexts(
      of: "list of origins",
      named: "SELECT origins AS digest, path, generation FROM file WHERE origins IS NOT NULL ORDER BY 3",
      in: "SELECT digest, CAST(body AS BLOB) AS bytes FROM origin", &evidence)
  }

  /// - Parameters:
  ///   - kind: What the texts are called.
  ///   - uses: Selects the digests that generations name, with the path of the file.
  ///   - texts: Selects the texts that there are.
  private func compareTexts(
    of kind: String, named uses: String, in texts: String, _ evidence: inout Evidence
  ) throws {
    var open: [String: (path: String, generation: Int)] = [:]
    try database.forEach(uses) { row in
      let digest: String = try row["digest"]
      if open[digest] == nil { open[digest] = (try row["path"], try row["generation"]) }
    }
    var wrong: [(String, String)] = []
    try database.forEach(texts) { row in
      let digest: String = try row["digest"]
      let bytes: [UInt8] = try row["bytes"]
      let use = open.removeValue(forKey: digest)
      let subject = BoundFacts.generation.subject([.integer(use?.generation ?? 0)])
      guard let use else { return wrong.append(("no generation has the \(kind) \(digest): it was added", subject)) }
      guard Digest(of: bytes).hexadecimal != digest else { return }
      wrong.append(
        ("the \(kind) of \(use.path) in generation \(use.generation) was changed: its digest is another", subject))
    }
    for (problem, subject) in wrong { evidence.add(problem, at: subject) }
    for use in open.values {
      evidence.add(
        "the \(kind) of \(use.path) in generation \(use.generation) was removed",
        at: BoundFacts.generation.subject([.integer(use.generation)]))
    }
  }

  /// - Returns: The number of pruned outputs.
  private func compareOutputs(_ evidence: inout Evidence) throws -> Int {
    var open: [String: (run: Int, step: String)] = [:]
    try database.forEach("SELECT output, run, id FROM step WHERE output IS NOT NULL ORDER BY run") { row in
      let digest: String = try row["output"]
      if open[digest] == nil { open[digest] = (try row["run"], try row["id"]) }
    }
    var wrong: [(String, String)] = []
    try database.forEach("SELECT digest, CAST(body AS BLOB) AS bytes FROM output") { row in
      let digest: String = try row["digest"]
      let bytes: [UInt8] = try row["bytes"]
      let use = open.removeValue(forKey: digest)
      let subject = BoundFacts.stepEnd.subject([.integer(use?.run ?? 0), .text(use?.step ?? "")])
      guard let use else { return wrong.append(("no step has the output \(digest): it was added", subject)) }
      guard Digest(of: bytes).hexadecimal != digest else { return }
      wrong.append(("the output of the step \(use.step) of run \(use.run) was changed: its digest is another", subject))
    }
    for (problem, subject) in wrong { evidence.add(problem, at: subject) }
    return open.count
  }
}
