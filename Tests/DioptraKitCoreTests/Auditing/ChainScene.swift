import Foundation
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraState
@testable import DioptraSystem

/// A State with rows in every table, and copies of it to tamper with.
struct ChainScene {
  static let now = Timestamp(seconds: 1_790_000_000)
  static let tables = [
    "deployment", "secret", "content", "run", "step", "generation", "file", "change", "migration", "backup", "claim",
    "origin", "output", "event",
  ]

  let scratch: Scratch
  let folder: ConfinedFolder

  init() throws {
    scratch = try Scratch(inMemory: true)
    folder = try ConfinedFolder(path: scratch.path)
    let state = try State(
      creatingIn: folder, deployment: "00000000000000ff", choices: "a: 1\n",
      secrets: [Secret("a", "One"), Secret("b", "Two")], now: Self.now)
    for number in 1...3 {
      try Self.run(number, state)
    }
    _ = try state.startRun(Self.description("interrupted"), now: Self.now)
  }

  static func description(_ word: String) -> State.RunDescription {
    State.RunDescription(arguments: ["dioptra", word], version: "1", user: "me", host: "here")
  }

  /// A run with a generation and two steps.
  static func run(_ number: Int, _ state: State) throws {
    let run = try state.startRun(description("run-\(number)"), now: now)
    func version(_ text: String) -> FileVersion { FileVersion(text: StoredText("\(text) \(number)\n"), mode: 0o644) }
    let private0600 = FileVersion(
      text: StoredText(Text(SecretReference(name: "a", version: 1), .plain) + "\n"), mode: 0o600)
    let files = [
      "x.txt": State.GenerationFile(component: "one", rendered: version("x"), recorded: version("edited x")),
      "y.txt": State.GenerationFile(component: "two", rendered: version("y"), recorded: nil),
      "secret": State.GenerationFile(component: "two", rendered: private0600, recorded: private0600),
    ]
    let changes = [
      State.Change(path: "x.txt", expected: number == 1 ? nil : Digest(of: "x"), result: version("edited x")),
      State.Change(path: "z.txt", expected: Digest(of: "z"), result: nil),
    ]
    let text = Text(segments: [.variable(VariableName("v\(number)"), value: "x"), .literal(" \(number)\n")])
    let generation = try state.plan(
      files, changes, from: ["x.txt": text], run: run,
      version: GenerationVersion(template: 1, release: "1.1.0", migrations: ["one.first"]),
      applying: number == 1 ? ["one.first", "one.second"] : [], configuration: "a: \(number)\n", now: now)
    try state.markApplied(generation, now: now)
    for step in ["fill", "start"] {
      try addStep(step, to: run, state, output: "\(step) says \(number)")
    }
    try state.record(
      State.Backup(
        run: run, path: "/backup-\(number)", digest: "d\(number)", bytes: number, isEncrypted: false,
        finishedAt: now.description), now: now)
    try state.claim([State.Claim(engine: "engine", volume: "v\(number)", createdAt: nil)], run: run, now: now)
    try state.finishRun(run, number == 2 ? .failed : .succeeded, now: now)
  }

  static func addStep(_ id: String, to run: Int, _ state: State, output: String) throws {
    let step = Owned(owner: "one", value: Step(StepID(id), "Does it", action: .stop, deadline: 1))
    let inputs = try JSONDecoder().decode(StepInputs.self, from: Data(#"{"values": {"a": "1"}, "volumes": []}"#.utf8))
    try state.startStep(step, run: run, engine: "engine", inputs: inputs.values, now: now)
    try state.finishStep(
      StepID(id), run: run, .succeeded, volumes: ["v": "1"], output: output, duration: 1.5, now: now)
  }

  /// The State as it is, to be changed by what it does not know of.
  func open() throws -> Database {
    let database = try Database(State.file, in: ConfinedFolder(path: scratch.path), access: .readWrite)
    try database.execute("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON")
    try database.execute("DROP TRIGGER IF EXISTS event_is_never_changed; DROP TRIGGER IF EXISTS event_is_never_deleted")
    return database
  }

  func verify(noted: ChainHead? = nil) throws -> ChainVerification {
    try #require(try State(readingIn: folder)).verify(noted: noted)
  }

  /// Tampers, verifies, and takes everything back.
  func problem(after statements: String, noted: ChainHead? = nil) throws -> String? {
    let bytes = try Data(contentsOf: URL(filePath: scratch.file(State.file)))
    defer { try? bytes.write(to: URL(filePath: scratch.file(State.file))) }
    try open().execute(statements)
    return try verify(noted: noted).problem
  }

  func columns(of table: String) throws -> [(name: String, type: String, isKey: Bool)] {
    try open().all("SELECT name, type, pk FROM pragma_table_info(?)", [.text(table)]) { row in
      let place: Int = try row["pk"]
      return (try row["name"], try row["type"], place != 0)
    }
  }

  /// The columns that a row is found by.
  func key(of table: String) throws -> [String] {
    let key = try columns(of: table).filter(\.isKey).map(\.name)
    return key.isEmpty ? ["rowid"] : key
  }

  func count(_ table: String) throws -> Int {
    try open().value("SELECT count(*) FROM \(table)") ?? 0
  }
}
