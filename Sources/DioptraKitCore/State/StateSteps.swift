public import DioptraModel
package import DioptraSystem
internal import FoundationEssentials

extension State {
  /// How a step ended.
  public enum StepOutcome: String, Sendable, Codable {
    case succeeded
    case failed
  }

  /// The newest record of a step.
  public struct StepRecord: Equatable, Sendable {
    /// The number of the run.
    public let run: Int
    /// The step's id in the blueprint.
    public let id: StepID
    /// RFC 3339, UTC.
    public let startedAt: String
    /// nil for a step that is running, or whose process ended before it did.
    public let finishedAt: String?
    /// Seconds; nil as above.
    public let duration: Double?
    /// nil as above.
    public let outcome: StepOutcome?
    /// The engine on which it ran.
    package let engine: String
    package let inputs: [String: String]
    /// The instances of the volumes that the step changed.
    package let volumes: [String: String]
  }

  /// The newest record of each step.
  package func stepRecords() throws -> [StepID: StepRecord] {
    var records: [StepID: StepRecord] = [:]
    try database.forEach(
      """
      SELECT run, id, started_at, finished_at, duration, outcome, engine, inputs, volumes
      FROM step WHERE (id, run) IN (SELECT id, max(run) FROM step GROUP BY id)
      """
    ) { row in
      let record = try StepRecord(row)
      records[record.id] = record
    }
    return records
  }

  /// When a step first succeeded on the volume instance on which it last succeeded.
  package func firstSuccess(of step: StepID, on volume: String) throws -> Timestamp? {
    let successes: [(at: String, instance: String?)] = try database.all(
      "SELECT finished_at, volumes FROM step WHERE id = ? AND outcome = 'succeeded' ORDER BY run DESC",
      [.text(step.rawValue)]
    ) { row in (try row["finished_at"], try Self.decoded(row["volumes"])[volume]) }
    let first = successes.prefix { $0.instance == successes[0].instance }.last
    return first.flatMap { Timestamp(rfc3339: $0.at) }
  }

  /// Records the start of a step.
  package func startStep(
    _ step: Owned<Step>, run: Int, engine: String, inputs: [String: String], now: Timestamp
  ) throws {
    try database.transaction {
      let inputs = try Self.encoded(inputs)
      try database.run(
        "INSERT INTO step (run, id, component, title, engine, inputs, started_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
          .integer(run), .text(step.id.rawValue), .text(step.owner.rawValue), .text(step.title), .text(engine),
          .text(inputs), .text(now.description),
        ])
      try record(
        .stepStarted,
        ["run": String(run), "step": step.id.rawValue, "engine": engine],
        binding: [Binding(.step, .integer(run), .text(step.id.rawValue))], at: now)
    }
  }

  /// Records the end of a step and its output.
  ///
  /// - Parameters:
  ///   - output: Without any secret.
  ///   - duration: In seconds.
  package func finishStep(
    _ id: StepID, run: Int, _ outcome: StepOutcome, volumes: [String: String], output: String, duration: Double,
    now: Timestamp
  ) throws {
    try database.transaction {
      let volumes = try Self.encoded(volumes)
      let digest = Digest(of: output).hexadecimal
      try database.run(
        """
        UPDATE step SET finished_at = ?, outcome = ?, volumes = ?, duration = ?, output = ? WHERE run = ? AND id = ?
        """,
        [
          .text(now.description), .text(outcome.rawValue), .text(volumes), .text(String(format(duration))),
          .text(digest), .integer(run), .text(id.rawValue),
        ])
      try database.run(
        "INSERT OR IGNORE INTO output (digest, body) VALUES (?, ?)", [.text(digest), .text(output)])
      try record(
        .stepFinished,
        ["run": String(run), "step": id.rawValue, "outcome": outcome.rawValue, "output": digest],
        binding: [Binding(.stepEnd, .integer(run), .text(id.rawValue))], at: now)
    }
  }

  /// The output of a step in a run.
  package func stepOutput(_ id: StepID, run: Int) throws -> String? {
    try database.value(
      "SELECT body FROM step JOIN output ON digest = output WHERE run = ? AND id = ?",
      [.integer(run), .text(id.rawValue)])
  }

  private func format(_ seconds: Double) -> String {
    let milliseconds = Int((seconds * 1000).rounded())
    let fraction = String(milliseconds % 1000)
    return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)"
  }

  private static func encoded(_ values: [String: String]) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(values), as: UTF8.self)
  }

  fileprivate static func decoded(_ text: String?) throws -> [String: String] {
    guard let text else { return [:] }
    return try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
  }
}

extension State.StepRecord {
  /// - Parameter row: From the table `step`.
  fileprivate init(_ row: SQLRow) throws {
    let duration: String? = try row["duration"]
    self.init(
      run: try row["run"], id: try row["id"], startedAt: try row["started_at"], finishedAt: try row["finished_at"],
      duration: duration.flatMap { Double($0) }, outcome: try row["outcome"], engine: try row["engine"],
      inputs: try State.decoded(row["inputs"]), volumes: try State.decoded(row["volumes"]))
  }
}

extension State.StepOutcome: SQLReadable {}
