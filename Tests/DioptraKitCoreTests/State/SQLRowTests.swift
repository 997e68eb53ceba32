import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraState
@testable import DioptraSystem

/// What a row is read as: by the names of its columns, and never as something that it is not.
struct SQLRowTests {
  private let database: Database

  init() throws {
    database = try Database(bytes: [], called: "box")
    try database.execute(
      """
      CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT, size INTEGER, body BLOB) STRICT;
      INSERT INTO thing VALUES (1, 'one', 10, x'00FF'), (2, NULL, NULL, NULL), (3, '', -3, x'');
      """)
  }

  private func error(_ read: (SQLRow) throws -> Void, _ statement: String = "SELECT id, name FROM thing") throws
    -> String
  {
    let error = #expect(throws: DioptraError.self) { try database.forEach(statement, [], read) }
    return error?.description ?? ""
  }

  @Test func columnsAreReadByNameWhereverTheyStand() throws {
    for columns in ["id, name, size, body", "body, size, name, id"] {
      let things: [(id: Int, name: String?, size: Int?, body: [UInt8]?)] = try database.all(
        "SELECT \(columns) FROM thing ORDER BY id"
      ) { (try $0["id"], try $0["name"], try $0["size"], try $0["body"]) }
      #expect(things.map(\.id) == [1, 2, 3])
      #expect(things.map(\.name) == ["one", nil, ""])
      #expect(things.map(\.size) == [10, nil, -3])
      #expect(things.map(\.body) == [[0, 255], nil, []])
    }
  }

  @Test func anUnexpectedNullIsAnErrorThatNamesColumnAndStatement() throws {
    let text = try error { let _: String = try $0["name"] }
    #expect(text.contains("has NULL where String is expected, in the column name of: SELECT id, name FROM thing"))
  }

  @Test func aWrongTypeIsAnError() throws {
    #expect(try error { let _: Int = try $0["name"] }.contains("has a text where Int is expected, in the column name"))
    #expect(try error { let _: String? = try $0["id"] }.contains("has an integer where"))
    #expect(throws: DioptraError.self) {
      try database.forEach("SELECT size FROM thing WHERE id = 1") { let _: Bool = try $0["size"] }
    }
    #expect(throws: DioptraError.self) {
      try database.forEach("SELECT size FROM thing WHERE id = 3") { let _: UInt32 = try $0["size"] }
    }
    #expect(throws: DioptraError.self) {
      try database.forEach("SELECT name FROM thing") { let _: State.RunOutcome = try $0["name"] }
    }
  }

  @Test func aColumnThatTheStatementLacksIsAnErrorThatNamesBoth() throws {
    let text = try error { let _: Int? = try $0["size"] }
    #expect(text.contains("box was asked for the column size, which is not in: SELECT id, name FROM thing"))
  }

  @Test func theOnlyColumnIsAskedForWithoutItsName() throws {
    #expect(try database.value("SELECT max(size) FROM thing") == 10)
    #expect(try database.value("SELECT name FROM thing WHERE id = 2") == String?.none)
    #expect(try database.value("SELECT name FROM thing WHERE id = 4") == String?.none)
    let error = #expect(throws: DioptraError.self) {
      let _: Int? = try database.value("SELECT id, size FROM thing")
    }
    #expect(error?.problem.contains("the only column of: SELECT id, size FROM thing") == true)
  }

  @Test func errorsNeverContainBoundValues() throws {
    let error = #expect(throws: DioptraError.self) {
      try database.first("SELECT name FROM thing WHERE name = ?", [.text("one")]) { let _: Int = try $0["name"] }
    }
    #expect(error?.description.contains("one") == false)
  }

  @Test func aStatementCanBeRunRecursively() throws {
    var pairs: [[Int]] = []
    let statement = "SELECT id FROM thing WHERE id > ? ORDER BY id"
    try database.forEach(statement, [.integer(0)]) { outer in
      let id: Int = try outer["id"]
      try database.forEach(statement, [.integer(id)]) { pairs.append([id, try $0["id"]]) }
    }
    #expect(pairs == [[1, 2], [1, 3], [2, 3]])
  }

  @Test func anAbandonedIterationCanBeRestarted() throws {
    struct Enough: Error {}
    for _ in 0..<2 {
      var seen: [Int] = []
      #expect(throws: Enough.self) {
        try database.forEach("SELECT id FROM thing ORDER BY id") { row in
          seen.append(try row["id"])
          if seen.count == 2 { throw Enough() }
        }
      }
      #expect(seen == [1, 2])
    }
    try database.execute("DROP TABLE thing")
  }
}
