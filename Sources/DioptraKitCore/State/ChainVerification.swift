internal import DioptraModel
internal import DioptraSystem

/// The chain of events computed anew, and everything else in State compared with what the events bind.
///
/// It trusts nothing that the database enforces, triggers and constraints included. What it proves: nothing was changed
/// by somebody who did not compute the chain anew as well; and with a head that was noted elsewhere, that nothing up to
/// that event was changed at all.
public struct ChainVerification: Equatable, Sendable {
  /// The first link that is broken, in plain words: what does not fit what; nil when all is as it should be.
  public let problem: String?
  /// The events that follow each other without a break.
  public let events: Int
  /// Where the chain ends; nil when it is broken before its end.
  public let head: ChainHead?
  /// The head that was noted, if one was given.
  public let noted: ChainHead?
  /// Outputs of steps whose text is no longer there, as is allowed.
  public let outputsThrownAway: Int

  public var isIntact: Bool { problem == nil }

  /// What an intact chain proves, and what not.
  public var text: String {
    var text = "The chain of \(events) events is whole, and everything that is remembered fits it.\n"
    if outputsThrownAway > 0 {
      text += "What \(outputsThrownAway) steps said was thrown away; their digests are there.\n"
    }
    if let noted {
      text += "Event \(noted.event) is the one that was noted: nothing up to it was changed, added or removed since.\n"
      if noted.event < events { text += "For what came after it, note the head of today: \(head?.description ?? "")\n" }
    } else {
      text +=
        "So nothing was altered carelessly. Whoever can write the file could have computed the chain anew or cut its end\n"
      text += "off: a head that is noted elsewhere (`dioptra history head`) shows that, with `verify --head`.\n"
    }
    return text
  }
}

extension State {
  /// Verifies everything that State remembers, all of it as it is at one moment; writes nothing.
  ///
  /// - Parameter noted: A head that was written down elsewhere.
  /// - Throws: `DioptraError` when State cannot be read, or is of an older program whose events bind too little.
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
        thrownAway = try compareOutputs(&evidence)
      }
      return ChainVerification(
        problem: noted.flatMap { chain.problem(noted: $0) } ?? evidence.first, events: chain.count,
        head: chain.problem == nil ? chain.head : nil, noted: noted, outputsThrownAway: thrownAway)
    }
  }

  /// What does not fit, by the event that tells of it.
  private struct Evidence {
    let chain: EventChain
    private var found: [(event: Int, problem: String)] = []

    init(_ chain: EventChain) {
      self.chain = chain
      if let problem = chain.problem { found.append((0, problem)) }
    }

    /// The earliest.
    var first: String? { found.min { $0.event < $1.event }?.problem }

    /// - Parameter mark: The facts whose event tells of what does not fit.
    mutating func add(_ problem: String, at mark: String) {
      found.append((chain.bound[mark]?.event ?? .max, problem))
    }
  }

  private func compareFacts(_ evidence: inout Evidence) throws {
    let key = try chainKey
    var open = evidence.chain.bound
    for facts in BoundFacts.allCases where facts.version <= writtenVersion {
      for (mark, reading) in try facts.readings(of: database, key: key) {
        let name = BoundFacts.words(of: mark)
        guard let bound = open.removeValue(forKey: mark) else {
          if !reading.isEmpty { evidence.add("no event tells of \(name): it was added", at: mark) }
          continue
        }
        let digest = reading.isEmpty ? EventBody.nothing : reading.digest.hexadecimal
        if bound.digest != digest {
          evidence.add("\(name) was changed: it is not what event \(bound.event) tells", at: mark)
        }
      }
    }
    for (mark, bound) in open where bound.digest != EventBody.nothing {
      evidence.add("\(BoundFacts.words(of: mark)) was removed: event \(bound.event) tells of it", at: mark)
    }
  }

  /// Contents are bound by their digests, which the facts of generations name.
  private func compareContents(_ evidence: inout Evidence) throws {
    var open: [String: (path: String, generation: Int)] = [:]
    try database.forEach(
      """
      SELECT configuration AS digest, 'dioptra.yaml' AS path, id AS generation FROM generation
      UNION ALL SELECT rendered, path, generation FROM file
      UNION ALL SELECT recorded, path, generation FROM file WHERE recorded IS NOT NULL
      UNION ALL SELECT content, path, generation FROM change WHERE content IS NOT NULL ORDER BY 3
      """
    ) { row in
      let digest: String = try row["digest"]
      if open[digest] == nil { open[digest] = (try row["path"], try row["generation"]) }
    }
    var wrong: [(String, String)] = []
    try database.forEach("SELECT digest, CAST(body AS BLOB) AS bytes FROM content") { row in
      let digest: String = try row["digest"]
      let bytes: [UInt8] = try row["bytes"]
      let use = open.removeValue(forKey: digest)
      let mark = BoundFacts.generation.mark([.integer(use?.generation ?? 0)])
      guard let use else { return wrong.append(("no generation has the content \(digest): it was added", mark)) }
      guard Digest(of: bytes).hexadecimal != digest else { return }
      wrong.append(
        ("the content of \(use.path) in generation \(use.generation) was changed: its digest is another", mark))
    }
    for (problem, mark) in wrong { evidence.add(problem, at: mark) }
    for use in open.values {
      evidence.add(
        "the content of \(use.path) in generation \(use.generation) was removed",
        at: BoundFacts.generation.mark([.integer(use.generation)]))
    }
  }

  /// - Returns: How many outputs were thrown away.
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
      let mark = BoundFacts.stepEnd.mark([.integer(use?.run ?? 0), .text(use?.step ?? "")])
      guard let use else { return wrong.append(("no step has the output \(digest): it was added", mark)) }
      guard Digest(of: bytes).hexadecimal != digest else { return }
      wrong.append(("the output of the step \(use.step) of run \(use.run) was changed: its digest is another", mark))
    }
    for (problem, mark) in wrong { evidence.add(problem, at: mark) }
    return open.count
  }
}
