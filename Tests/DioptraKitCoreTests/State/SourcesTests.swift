import Foundation
import Testing

/// What the sources themselves show: only State speaks with the database.
struct SourcesTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources")

  /// The Swift files below a folder, each with its path.
  private static func files(in folder: String) throws -> [(path: String, text: String)] {
    let found = FileManager.default.enumerator(atPath: root.appending(path: folder).path)?.compactMap { $0 as? String }
    return try (found ?? []).filter { $0.hasSuffix(".swift") }.sorted().map { path in
      ("\(folder)/\(path)", try String(contentsOf: root.appending(path: "\(folder)/\(path)"), encoding: .utf8))
    }
  }

  /// The lines that mention the database, each with its place.
  static func findings(in files: [(path: String, text: String)]) -> [String] {
    files.flatMap { path, text in
      text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
        .filter { $0.element.contains(sql) || $0.element.contains(names) }.map { "\(path):\($0.offset + 1)" }
    }
  }

  /// Capital letters only: prose has other ones.
  private static var sql: Regex<(Substring, Substring)> { #/\b(SELECT|INSERT|UPDATE|DELETE|PRAGMA|CREATE TABLE)\b/# }
  /// State's own words for it, whatever else is called a database.
  private static var names: Regex<(Substring, Substring)> {
    #/\b(state\??\.database|SQLRow|SQLValue|SQLStatement|SQLReadable|CSQLite|sqlite3_)/#
  }

  @Test func onlyStateAccessesTheDatabase() throws {
    let files = try ["DioptraKitCore", "dioptra"].flatMap(Self.files)
      .filter { !$0.path.hasPrefix("DioptraKitCore/State/") }
    #expect(files.count > 100)
    #expect(Self.findings(in: files) == [])
  }

  /// Components speak with servers of their own in SQL, and with State not at all.
  @Test func noComponentKnowsTheDatabase() throws {
    let files = try Self.files(in: "Plugins")
    #expect(files.count > 30)
    #expect(files.filter { $0.text.contains("import DioptraState") || $0.text.contains(Self.names) }.map(\.path) == [])
  }

  @Test func accessToTheDatabaseIsDetected() throws {
    let state = try Self.files(in: "DioptraKitCore/State")
    for name in ["State.swift", "StateRuns.swift", "StateTables.swift", "SQLite/Database.swift"] {
      #expect(!Self.findings(in: state.filter { $0.path == "DioptraKitCore/State/\(name)" }).isEmpty, "\(name)")
    }
    for line in ["try state.database.transaction {", "let rows = \"SELECT a\"", "func read(_ row: SQLRow) {"] {
      #expect(Self.findings(in: [("a", line)]) == ["a:1"], "\(line)")
    }
    #expect(Self.findings(in: [("a", "/// Two servers of one database: select one, update it.")]) == [])
  }

  @Test func aFileOfStateIsAboutOneThing() throws {
    for file in try Self.files(in: "DioptraKitCore/State") {
      #expect(file.text.split(separator: "\n", omittingEmptySubsequences: false).count <= 300, "\(file.path)")
    }
  }
}
