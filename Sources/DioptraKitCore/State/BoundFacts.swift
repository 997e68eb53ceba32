internal import Crypto
internal import DioptraModel
internal import DioptraSystem

/// Facts in State that are written once and never changed: the event that records them also binds them by digest.
///
/// A row that is written at two times, such as a run's start and end, counts as two kinds of facts.
enum BoundFacts: String, CaseIterable {
  case deployment
  case secret
  case run
  /// Whether a run changes anything that a backup contains; older programs did not record it.
  case runEffect = "run.effect"
  case runEnd = "run.end"
  case step
  case stepEnd = "step.end"
  case generation
  case generationApplied = "generation.applied"
  /// The files of a generation, all of them together.
  case files
  case changes
  case migration
  case backup
  case claim

  var table: String {
    switch self {
    case .deployment, .secret, .run, .step, .generation, .migration, .backup, .claim: rawValue
    case .runEffect, .runEnd: "run"
    case .stepEnd: "step"
    case .generationApplied: "generation"
    case .files: "file"
    case .changes: "change"
    }
  }

  /// The columns that identify the facts.
  var key: [String] {
    switch self {
    case .deployment: ["name"]
    case .secret: ["name", "version"]
    case .run, .runEffect, .runEnd, .generation, .generationApplied: ["id"]
    case .step, .stepEnd: ["run", "id"]
    case .files, .changes: ["generation"]
    case .migration: ["generation", "id"]
    case .backup: ["run"]
    case .claim: ["engine", "volume"]
    }
  }

  /// The columns that are bound. A null is left out, so that a column added later changes no digest.
  var columns: [String] {
    switch self {
    case .deployment: ["value"]
    case .secret: ["value", "created_at"]
    case .run: ["command", "version", "user", "host", "started_at"]
    case .runEffect: ["keeps_backup"]
    case .runEnd: ["finished_at", "outcome"]
    case .step: ["component", "title", "engine", "inputs", "started_at"]
    case .stepEnd: ["volumes", "finished_at", "duration", "outcome", "output"]
    case .generation: ["run", "template_version", "release", "migrations", "configuration", "components"]
    case .generationApplied: ["applied_at"]
    case .files: ["path", "component", "rendered", "rendered_mode", "recorded", "recorded_mode", "origins"]
    case .changes: ["path", "expected", "content", "mode"]
    case .migration: ["applied_at"]
    case .backup: ["path", "digest", "bytes", "encrypted", "finished_at"]
    case .claim: ["run", "created_at"]
    }
  }

  /// The version of the tables since which events bind the facts.
  var version: Int { self == .runEffect ? StateSchema.versionOfRunEffects : StateSchema.versionOfBoundFacts }

  /// The name of the facts in an event.
  func subject(_ key: [SQLValue]) -> String {
    EventBody.oneLine("\(rawValue) \(key.map(\.characters).joined(separator: " "))")
  }

  /// Reads the rows, of one key or of all, sorted so that those of one key follow each other. Every value comes as the
  /// bytes in SQLite, which are what is digested.
  func statement(ofOneKey: Bool) -> String {
    let condition = ofOneKey ? " WHERE " + key.map { "\($0) = ?" }.joined(separator: " AND ") : ""
    let order = key + (columns.contains("path") ? ["path"] : [])
    let casts = (key + columns).map { "CAST(\($0) AS BLOB)" }
    return "SELECT \(casts.joined(separator: ", ")) FROM \(table)\(condition) ORDER BY \(order.joined(separator: ", "))"
  }

  /// All facts of this kind in State, by key.
  func readings(of database: Database, key chainKey: String) throws -> [(subject: String, reading: Reading)] {
    var readings: [(subject: String, reading: Reading)] = []
    var current: [SQLValue]?
    try database.forEach(statement(ofOneKey: false)) { row in
      let values: [SQLValue] = try key.indices.map { try row.value(at: Int32($0)) }
      if current != values {
        current = values
        let subject = subject(values)
        readings.append((subject, Reading(subject, key: chainKey)))
      }
      readings[readings.count - 1].reading.add(row, of: self)
    }
    return readings
  }

  /// Digests the rows of one key.
  struct Reading {
    private var hash = SHA256()
    /// Whether there was no value.
    private(set) var isEmpty = true

    /// - Parameter key: The secret of the chain. Because of it, a digest in an export cannot be used to guess a
    ///   password.
    init(_ subject: String, key: String) {
      for text in [key, subject] { hash.update(data: Array("\(text.utf8.count):\(text)".utf8)) }
    }

    /// Each value is digested with its name and length, so that none can take another's place.
    mutating func add(_ row: SQLRow, of facts: BoundFacts) {
      hash.update(data: [0x0A])
      for (index, column) in facts.columns.enumerated() {
        row.withBytes(at: Int32(facts.key.count + index)) { bytes in
          isEmpty = false
          hash.update(data: Array("\(column) \(bytes.count):".utf8))
          hash.update(bufferPointer: bytes)
        }
      }
    }

    var digest: DioptraSystem.Digest { Digest(hash.finalize()) }
  }
}

extension State {
  /// Keeps the chain's digests from being used to guess a secret; it never leaves State.
  var chainKey: String {
    get throws {
      // Without it nothing matches any more, which `verify` reports.
      try fact(Self.chainKeyName) ?? ""
    }
  }

  static let chainKeyName = "chain key"

  /// The digest of the facts in State; nil if there are none.
  func digest(of facts: BoundFacts, _ key: [SQLValue]) throws -> DioptraSystem.Digest? {
    var reading = BoundFacts.Reading(facts.subject(key), key: try chainKey)
    try database.forEach(facts.statement(ofOneKey: true), key) { reading.add($0, of: facts) }
    return reading.isEmpty ? nil : reading.digest
  }
}
