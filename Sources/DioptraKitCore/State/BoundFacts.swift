internal import Crypto
internal import DioptraModel
internal import DioptraSystem

/// Facts of State that are written at once and never again: the event that tells of them binds them by a digest.
///
/// A row whose facts come at two times, such as a run's beginning and end, is two kinds of facts.
enum BoundFacts: String, CaseIterable {
  case deployment
  case secret
  case run
  /// What a run leaves as it is: an older program did not say it.
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

  /// The columns whose values name the facts.
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

  /// The columns that are bound. A null counts as nothing said: a column that is added later changes no digest.
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
    case .files: ["path", "component", "rendered", "rendered_mode", "recorded", "recorded_mode"]
    case .changes: ["path", "expected", "content", "mode"]
    case .migration: ["applied_at"]
    case .backup: ["path", "digest", "bytes", "encrypted", "finished_at"]
    case .claim: ["run", "created_at"]
    }
  }

  /// The version of the tables from which on events bind the facts.
  var version: Int { self == .runEffect ? StateSchema.versionOfRunEffects : StateSchema.versionOfBoundFacts }

  /// What names the facts in an event.
  func mark(_ key: [SQLValue]) -> String {
    EventBody.oneLine("\(rawValue) \(key.map(\.characters).joined(separator: " "))")
  }

  /// Reads the rows, of one key or of all, ordered so that those of one key follow each other. Every value comes as the
  /// bytes that SQLite has, which is what is digested.
  func statement(ofOneKey: Bool) -> String {
    let condition = ofOneKey ? " WHERE " + key.map { "\($0) = ?" }.joined(separator: " AND ") : ""
    let order = key + (columns.contains("path") ? ["path"] : [])
    let casts = (key + columns).map { "CAST(\($0) AS BLOB)" }
    return "SELECT \(casts.joined(separator: ", ")) FROM \(table)\(condition) ORDER BY \(order.joined(separator: ", "))"
  }

  /// All facts of the kind that State has now, by the key.
  func readings(of database: Database, key chainKey: String) throws -> [(mark: String, reading: Reading)] {
    var readings: [(mark: String, reading: Reading)] = []
    var current: [SQLValue]?
    try database.forEach(statement(ofOneKey: false)) { row in
      let values: [SQLValue] = try key.indices.map { try row.value(at: Int32($0)) }
      if current != values {
        current = values
        let mark = mark(values)
        readings.append((mark, Reading(mark, key: chainKey)))
      }
      readings[readings.count - 1].reading.add(row, of: self)
    }
    return readings
  }

  /// Takes in the rows of one key.
  struct Reading {
    private var hash = SHA256()
    /// Whether anything was said.
    private(set) var isEmpty = true

    /// - Parameter key: The secret of the chain. With it, a digest in an export is no way to guess a password.
    init(_ mark: String, key: String) {
      for text in [key, mark] { hash.update(data: Array("\(text.utf8.count):\(text)".utf8)) }
    }

    /// Each value comes with its name and its length, so that none can take the place of another.
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
  /// What makes the chain's digests of facts no way to guess a secret; it never leaves State.
  var chainKey: String {
    get throws {
      // Without it nothing fits any more, which `verify` tells.
      try fact(Self.chainKeyName) ?? ""
    }
  }

  static let chainKeyName = "chain key"

  /// The digest of the facts that State has now; nil when it has none.
  func digest(of facts: BoundFacts, _ key: [SQLValue]) throws -> DioptraSystem.Digest? {
    var reading = BoundFacts.Reading(facts.mark(key), key: try chainKey)
    try database.forEach(facts.statement(ofOneKey: true), key) { reading.add($0, of: facts) }
    return reading.isEmpty ? nil : reading.digest
  }
}
