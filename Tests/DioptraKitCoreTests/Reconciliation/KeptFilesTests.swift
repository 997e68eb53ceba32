import Foundation
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraRendering
@testable import DioptraState
@testable import DioptraSystem

/// How long `.dioptra/kept` holds what the user wrote and a choice overwrote.
struct KeptFilesTests {
  private let scratch: Scratch
  private let folder: ConfinedFolder
  private let begin = Timestamp(seconds: 1_790_000_000)

  init() throws {
    scratch = try Scratch(inMemory: true)
    folder = try ConfinedFolder(path: scratch.path)
  }

  @Test func theNewestTenGenerationsAreKeptHoweverOldTheyAre() throws {
    for day in 0...14 { try overwrite(day: day) }
    #expect(try kept() == Array(2...15))
    try overwrite(day: 2_000)
    #expect(try kept() == Array(7...16))
    #expect(try scratch.read(".dioptra/kept/7/sub/a.txt") == "mine on day 6\n")
    #expect(try scratch.files()[".dioptra/kept/7/sub/a.txt"] == 0o600)
  }

  @Test func filesYoungerThanNinetyDaysAreAllKept() throws {
    for day in 0...40 { try overwrite(day: day) }
    #expect(try kept().count == 40)
    try overwrite(day: 40 + 60)
    // Generation 12 is of day 11, 89 days ago; generation 11 is 90 days old to the second, and not older.
    #expect(try kept() == Array(11...42))
  }

  @Test func filesNotPutThereByDioptraAreLeftAlone() throws {
    for day in 0...14 { try overwrite(day: day) }
    for name in ["notes/mine", "007/mine", "99/mine", "-3/mine"] {
      try scratch.write("mine", to: ".dioptra/kept/\(name)")
    }
    try overwrite(day: 2_000)
    for name in ["notes/mine", "007/mine", "99/mine", "-3/mine"] {
      #expect(try scratch.read(".dioptra/kept/\(name)") == "mine", "\(name)")
    }
  }

  @Test func aFileThatIsNotOverwrittenIsNotKept() throws {
    let state = try State(creatingIn: folder, deployment: Identity.unnamed, now: begin)
    for value in ["1", "2"] { try update(value, state, choice: .stop, at: begin) }
    #expect(try kept() == [])
  }

  @Test func aConfigurationThatChangedMeanwhileStopsTheUpdate() throws {
    let state = try State(creatingIn: folder, deployment: Identity.unnamed, now: begin)
    try update("1", state, choice: .stop, at: begin)
    let text = try scratch.read("dioptra.yaml")
    try scratch.write(text + "# by hand\n", to: "dioptra.yaml")
    let next = try planned("value: '2'\n", state, choice: .stop)
    #expect { try next.check(startedFrom: text) } throws: { "\($0)".contains("dioptra.yaml was changed while") }
    #expect(throws: DioptraError.self) { try next.check(startedFrom: nil) }
    try next.check(startedFrom: text + "# by hand\n")
  }

  // MARK: Scenes

  /// One generation in which a choice overwrites what the user wrote; the first of all writes the file.
  private func overwrite(day: Int) throws {
    let now = Timestamp(seconds: begin.seconds + day * 86_400)
    let state = try State(creatingIn: folder, deployment: Identity.unnamed, now: now)
    if try folder.entry("sub/a.txt") != nil { try scratch.write("mine on day \(day)\n", to: "sub/a.txt") }
    try update(String(day), state, choice: .theirs, at: now)
  }

  private func update(_ value: String, _ state: State, choice: ConflictChoice, at now: Timestamp) throws {
    let run = State.RunDescription(arguments: ["test"], version: "0", user: "test", host: "test")
    try planned("value: '\(value)'\n", state, choice: choice)
      .apply(to: state, run: state.startRun(run, now: now), now: now)
  }

  private func planned(_ text: String, _ state: State, choice: ConflictChoice) throws -> FolderPlan {
    let registry = try ComponentRegistry([OneFileComponent()])
    let deployment = try Deployment(
      registry: registry, file: ConfigurationFile(text: text),
      identity: Identity(deployment: Identity.unnamed, folder: scratch.path))
    return try FolderPlan(
      of: folder, to: FolderTarget(deployment, of: registry, configuration: text), state: state,
      secrets: try state.secretValues(), choice: choice)
  }

  private func kept() throws -> [Int] {
    try (folder.names(in: ".dioptra/kept") ?? []).compactMap { Int($0) }.sorted()
  }
}

private struct OneFileComponent: Component {
  let id: ComponentID = "one"
  let summary = "One file"
  let variables = [
    Variable("value", .title, default: .value("0"), help: "A value."),
    Variable("project_slug", .slug, default: .value("model"), help: "The prefix."),
    Variable("release", .title, default: .value("1"), help: "The release."),
  ]

  func contributions(in context: Context) throws -> [Contribution] {
    try [.file(FolderFile("sub/a.txt", .text("\(context["value"])\n"), .plain))]
  }
}
