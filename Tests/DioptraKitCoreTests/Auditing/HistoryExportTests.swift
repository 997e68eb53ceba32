import Foundation
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraState
@testable import DioptraSystem

struct HistoryExportTests {
  private let scene: ChainScene
  private let state: State

  init() throws {
    scene = try ChainScene()
    state = try State(creatingIn: scene.folder, deployment: "", now: ChainScene.now)
  }

  private func rows() throws -> [[String: Any]] {
    var rows: [[String: Any]] = []
    try HistoryExport(of: state).lines { line in
      rows.append(try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]))
    }
    return rows
  }

  @Test func everyTableIsExportedAndTheChainCanBeRecomputed() throws {
    let rows = try rows()
    let tables = Set(rows.compactMap { $0["table"] as? String })
    #expect(tables == Set(ChainScene.tables))
    var previous = ""
    for event in rows where event["table"] as? String == "event" {
      let digest = State.digest(
        id: try #require(event["id"] as? Int), at: try #require(event["at"] as? String),
        kind: try #require(event["kind"] as? String), body: try #require(event["body"] as? String), previous: previous)
      #expect(event["digest"] as? String == digest.hexadecimal)
      previous = digest.hexadecimal
    }
    #expect(previous == (try state.head()).digest.hexadecimal)
  }

  /// The scene's weak password is in a private file: neither it nor anything derived from it alone is exported.
  @Test func nothingIsExportedFromWhichAPasswordCouldBeGuessed() throws {
    let weak = "hunter2"
    try state.database.run("UPDATE secret SET value = ? WHERE name = 'b'", [.text(weak)])
    let kept = try state.keepText(StoredText("\(weak)\n"), secrets: SecretValues([:]), now: ChainScene.now)
    #expect(!kept.characters.contains(Digest(of: "\(weak)\n").hexadecimal))
    try state.database.run(
      "UPDATE change SET expected = ? WHERE path = 'z.txt'", [.text(Digest(of: weak).hexadecimal)])
    try state.database.run("UPDATE step SET inputs = ?", [.text("{\"x\":\"\(Digest(of: weak).hexadecimal)\"}")])
    var text = ""
    try HistoryExport(of: state).lines { text += $0 + "\n" }
    for telling in [weak, Digest(of: weak).hexadecimal, Digest(of: "\(weak)\n").hexadecimal, try state.chainKey] {
      #expect(!text.contains(telling))
    }
  }
}
