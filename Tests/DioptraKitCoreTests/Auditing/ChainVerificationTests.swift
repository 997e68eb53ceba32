import Foundation
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraState
@testable import DioptraSystem

/// Whoever edits, removes, adds or reorders rows, with the triggers dropped and all checks off, is found out.
struct ChainVerificationTests {
  private let scene: ChainScene

  init() throws {
    scene = try ChainScene()
  }

  @Test func whatTheProgramWroteIsIntact() throws {
    let verification = try scene.verify()
    #expect(verification.problem == nil)
    #expect(verification.events > 25)
    #expect(try verification.head == scene.verify().head)
    #expect(try scene.verify(noted: verification.head).isIntact)
  }

  @Test(arguments: ChainScene.tables)
  func anEditOfAnyColumnOfAnyRowIsFound(table: String) throws {
    let key = try scene.key(of: table).joined(separator: ", ")
    var edits = 0
    for (column, type, _) in try scene.columns(of: table) {
      for row in 0..<(try scene.count(table)) {
        let value = type == "INTEGER" ? "coalesce(\(column) + 1000, 7)" : "coalesce(\(column) || 'x', 'x')"
        let problem = try scene.problem(
          after: """
            UPDATE \(table) SET \(column) = \(value)
            WHERE (\(key)) IN (SELECT \(key) FROM \(table) ORDER BY \(key) LIMIT 1 OFFSET \(row))
            """)
        #expect(problem != nil, "\(table).\(column) of row \(row)")
        edits += 1
      }
    }
    #expect(edits > 0)
  }

  @Test(arguments: ChainScene.tables)
  func aRemovedRowIsFound(table: String) throws {
    let key = try scene.key(of: table).joined(separator: ", ")
    for row in 0..<(try scene.count(table)) {
      let statements = """
        DELETE FROM \(table) WHERE (\(key)) IN (SELECT \(key) FROM \(table) ORDER BY \(key) LIMIT 1 OFFSET \(row))
        """
      if table == "output" {
        #expect(try scene.problem(after: statements) == nil)
      } else {
        // That the last event of a run that never ended is missing can be told: its run is there.
        #expect(try scene.problem(after: statements) != nil, "row \(row) of \(table)")
      }
    }
    #expect(try scene.problem(after: "DELETE FROM \(table)") == nil || table != "output")
  }

  @Test(arguments: ChainScene.tables)
  func anAddedRowIsFound(table: String) throws {
    let columns = try scene.columns(of: table)
    let key = try scene.key(of: table).joined(separator: ", ")
    let other = columns.map { column in
      guard column.isKey else { return column.name }
      return column.type == "INTEGER" ? "\(column.name) + 1000" : "\(column.name) || '-added'"
    }
    let problem = try scene.problem(
      after: "INSERT INTO \(table) SELECT \(other.joined(separator: ", ")) FROM \(table) ORDER BY \(key) LIMIT 1")
    #expect(problem != nil, "\(table)")
  }

  @Test(arguments: ChainScene.tables)
  func twoRowsThatChangePlacesAreFound(table: String) throws {
    // Its rows have no key: two that change places are the same rows.
    guard table != "migration" else { return }
    let columns = try scene.columns(of: table)
    let key = try scene.key(of: table)
    let list = key.joined(separator: ", ")
    let values = columns.filter { !$0.isKey }.map(\.name)
    let rows = (0..<(try scene.count(table))).map {
      "(SELECT \(list) FROM \(table) ORDER BY \(list) LIMIT 1 OFFSET \($0))"
    }
    var swaps = 0
    for (one, other) in zip(rows, rows.dropFirst()) {
      // Rows that say the same may change places.
      let all = values.joined(separator: ", ")
      let distinct: Int? = try scene.open().value(
        "SELECT count(*) FROM (SELECT DISTINCT \(all) FROM \(table) WHERE (\(list)) IN \(one) OR (\(list)) IN \(other))"
      )
      guard distinct == 2 else { continue }
      let sets = values.map { value in
        "\(value) = (SELECT \(value) FROM old WHERE (\(list)) NOT IN (SELECT \(key.map { "\(table).\($0)" }.joined(separator: ", "))))"
      }
      let problem = try scene.problem(
        after: """
          CREATE TEMP TABLE old AS SELECT * FROM \(table) WHERE (\(list)) IN \(one) OR (\(list)) IN \(other);
          UPDATE \(table) SET \(sets.joined(separator: ", ")) WHERE (\(list)) IN (SELECT \(list) FROM old);
          """)
      #expect(problem != nil, "\(table) \(one)")
      swaps += 1
    }
    #expect(swaps > 0)
  }

  @Test func theFirstBrokenLinkIsNamedInPlainWords() throws {
    func expect(_ statements: String, _ words: String) throws {
      let problem = try scene.problem(after: statements)
      #expect(problem?.contains(words) == true, "\(problem ?? "nothing")")
    }
    try expect("UPDATE run SET user = 'other' WHERE id = 2", "run 2 was changed: it is not what event")
    try expect("UPDATE run SET outcome = 'succeeded' WHERE id = 2", "the end of run 2 was changed")
    try expect("DELETE FROM step WHERE run = 3 AND id = 'fill'", "the step fill of run 3 was removed")
    try expect(
      "UPDATE step SET duration = '9' WHERE run = 1 AND id = 'start'", "the end of the step start of run 1 was")
    try expect("UPDATE secret SET value = 'x' WHERE name = 'b'", "the secret b, version 1 was changed")
    try expect(
      "UPDATE file SET recorded_mode = 511 WHERE generation = 2 AND path = 'x.txt'", "list of files of generation 2")
    try expect("DELETE FROM change WHERE generation = 3", "the list of changes of generation 3 was removed")
    try expect(
      "UPDATE generation SET applied_at = NULL WHERE id = 1", "the moment at which generation 1 was in place was")
    try expect(
      "UPDATE content SET body = 'x' WHERE body LIKE 'x 2%'", "the content of x.txt in generation 2 was changed")
    try expect(
      "UPDATE output SET body = 'x' WHERE body = 'fill says 1'", "the output of the step fill of run 1 was changed")
    try expect("UPDATE event SET body = 'x' WHERE id = 7", "event 7 (")
    try expect("DELETE FROM event WHERE id = 7", "event 7 was removed: after event 6 comes event 8")
    try expect("DELETE FROM event WHERE id BETWEEN 7 AND 9", "events 7 to 9 were removed")
    try expect("UPDATE deployment SET value = 'x' WHERE name = 'chain key'", "key of the chain")
    try expect("DELETE FROM event", "all were removed")
  }

  @Test func outputOfStepsMayBePrunedWithoutATrace() throws {
    try scene.open().execute("DELETE FROM output")
    let verification = try scene.verify()
    #expect(verification.isIntact)
    #expect(verification.outputsThrownAway == 6)
  }

  // MARK: With a head that was noted

  @Test func aCutOffHistoryFitsItselfButNotTheHead() throws {
    let whole = try #require(try scene.verify().head)
    let early = try ChainScene()
    let before = try Data(contentsOf: URL(filePath: early.scratch.file(State.file)))
    let state = try State(creatingIn: early.folder, deployment: "00000000000000ff", now: ChainScene.now)
    try ChainScene.run(4, state)
    let head = try state.head()
    #expect(head.event > whole.event)
    try before.write(to: URL(filePath: early.scratch.file(State.file)))
    #expect(try early.verify().isIntact)
    #expect(try early.verify(noted: head).problem?.contains("cut off: event \(head.event) was noted") == true)
  }

  @Test func theHeadStaysValidAsHistoryGrows() throws {
    let head = try #require(try scene.verify().head)
    let state = try State(creatingIn: scene.folder, deployment: "00000000000000ff", now: ChainScene.now)
    try ChainScene.run(4, state)
    #expect(try scene.verify(noted: head).isIntact)
  }

  @Test func aRecomputedChainIsConsistentButDoesNotMatchTheHead() throws {
    let head = try #require(try scene.verify().head)
    try Forgery(scene).rewrite("UPDATE run SET user = 'other' WHERE id = 1")
    #expect(try scene.verify().isIntact)
    #expect(try scene.verify(noted: head).problem?.contains("is not the one that was noted") == true)
  }

  @Test func aLaterEventCannotTellAnotherStoryOfWhatWasBefore() throws {
    let head = try #require(try scene.verify().head)
    for binding in [
      State.Binding(.run, .integer(1)), .init(.runEnd, .integer(1)), .init(.files, .integer(1)),
      .init(.secret, .text("a"), .integer(1)), .init(.stepEnd, .integer(1), .text("fill")),
    ] {
      let problem = try scene.problem(
        after: try Forgery(scene).appended(
          binding, "UPDATE \(binding.facts.table) SET \(binding.facts.columns[1]) = 'x'"),
        noted: head)
      #expect(problem != nil, "\(binding)")
    }
  }

  @Test(arguments: [
    "", "41", "41-", "-41-00", "x-\(String(repeating: "0", count: 64))", "0-\(String(repeating: "0", count: 64))",
  ])
  func whatIsNoHeadIsRefused(text: String) {
    let error = #expect(throws: DioptraError.self) { try ChainHead(text) }
    #expect(error?.exitCode == .usage)
  }

  // MARK: Of an older program

  @Test func aStateOfAnOlderProgramIsBoundAsItIsWhenANewerOneWritesIt() throws {
    let scratch = try Scratch()
    let folder = try ConfinedFolder(path: scratch.path)
    try ProgramFolder.make(in: folder)
    try folder.write(State.file, [], mode: 0o600)
    do {
      let old = try Database(State.file, in: ConfinedFolder(path: scratch.path), access: .readWrite)
      try StateSchema.prepare(old, in: folder, migrations: Array(StateSchema.migrations.prefix(2))) {
        try old.execute(
          """
          INSERT INTO deployment (name, value) VALUES ('id', '00000000000000ff');
          INSERT INTO secret VALUES ('a', 1, 'the value', '2026-01-01T00:00:00Z');
          INSERT INTO run (id, command, version, user, host, started_at) VALUES (1, 'c', 'v', 'u', 'h', 't');
          """)
      }
    }
    #expect(throws: DioptraError.self) { try #require(try State(readingIn: folder)).verify() }
    let state = try State(creatingIn: folder, deployment: "0000000000000001", now: ChainScene.now)
    #expect(try state.verify().isIntact)
    try state.finishRun(1, .failed, now: ChainScene.now)
    #expect(try state.verify().isIntact)
    try state.database.execute("UPDATE run SET user = 'x'")
    #expect(try state.verify().problem?.contains("run 1 was changed") == true)
  }
}

/// What an attacker can do who knows the program: build a consistent chain.
private struct Forgery {
  let scene: ChainScene

  init(_ scene: ChainScene) {
    self.scene = scene
  }

  /// Changes rows and recomputes all events, with the bindings of the present rows.
  func rewrite(_ statements: String) throws {
    let database = try scene.open()
    try database.execute(statements)
    let state = try State(creatingIn: scene.folder, deployment: "", now: ChainScene.now)
    let key = try state.chainKey
    var now: [String: String] = [:]
    for facts in BoundFacts.allCases {
      for (subject, reading) in try facts.readings(of: database, key: key) { now[subject] = reading.digest.hexadecimal }
    }
    var previous = ""
    let events: [(id: Int, at: String, kind: String, body: String)] = try database.all(
      "SELECT id, at, kind, body FROM event ORDER BY id"
    ) { (try $0["id"], try $0["at"], try $0["kind"], try $0["body"]) }
    for event in events {
      let lines = event.body.split(separator: "\n").map { line in
        guard line.hasPrefix("binds "), let colon = line.lastIndex(of: ":") else { return String(line) }
        let subject = String(line[..<colon].dropFirst(6))
        return now[subject].map { "binds \(subject): \($0)" } ?? String(line)
      }
      let body = lines.joined(separator: "\n")
      let digest = State.digest(
        id: event.id, at: event.at, kind: event.kind, body: body, previous: previous
      ).hexadecimal
      try database.run(
        "UPDATE event SET body = ?, previous = ?, digest = ? WHERE id = ?",
        [.text(body), .text(previous), .text(digest), .integer(event.id)])
      previous = digest
    }
  }

  /// Statements that change rows and add an event that binds them as they are then.
  func appended(_ binding: State.Binding, _ statements: String) throws -> String {
    let copy = try Scratch(inMemory: true)
    try FileManager.default.createDirectory(atPath: copy.file(".dioptra"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: scene.scratch.file(State.file), toPath: copy.file(State.file))
    let state = try State(
      creatingIn: try ConfinedFolder(path: copy.path), deployment: "", now: ChainScene.now)
    try state.database.execute("PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF; \(statements)")
    try state.record(.runFinished, [:], binding: [binding], at: ChainScene.now)
    let quoted = ["id", "at", "kind", "body", "previous", "digest"].map { "quote(\($0))" }
    let values: String = try #require(
      try state.database.value(
        "SELECT \(quoted.joined(separator: " || ', ' || ")) FROM event ORDER BY id DESC LIMIT 1"))
    return "\(statements); INSERT INTO event VALUES (\(values))"
  }
}
