import Foundation
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraRendering
@testable import DioptraState
@testable import DioptraSystem

/// Random sequences of what people and commands do to a folder, each held against an independent model of the disk.
struct ModelTests {
  @Test func theDiskIsAlwaysWhatTheModelSays() throws {
    let seed = UInt64(ProcessInfo.processInfo.environment["SEED"] ?? "") ?? UInt64.random(in: 1...1_000_000)
    print("model test, seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    var conflicts = 0
    var merges = 0
    for sequence in 0..<500 {
      var world = try ModelWorld()
      var story: [String] = []
      for _ in 0..<14 {
        let action = try world.act(using: &generator)
        story.append(action)
        let difference = try world.difference()
        try #require(difference == nil, "seed \(seed), sequence \(sequence): \(story) leaves \(difference ?? "")")
      }
      conflicts += world.conflicts
      merges += world.merges
    }
    print("model test: 500 sequences, \(conflicts) conflicts, \(merges) merges")
    #expect(conflicts > 100 && merges > 100)
  }
}

/// A folder, what commands do to it, and what the model thinks of it.
private struct ModelWorld {
  enum Disk: Equatable {
    case absent
    case file([String], mode: UInt32)
    case link
    case folder
  }

  struct ModelFile {
    var base: (lines: [String], mode: UInt32)?
    var disk = Disk.absent
  }

  private let scratch: Scratch
  private let folder: ConfinedFolder
  private let registry: ComponentRegistry
  private var values = ["v0": "0", "v1": "0", "v2": "0"]
  private var isExtraOn = true
  private var isExecutable = false
  private var files = ["a.txt": ModelFile(), "sub/b.txt": ModelFile(), "extra.txt": ModelFile()]
  private var unknown: [String: String] = [:]
  private var edits = 0
  private(set) var conflicts = 0
  private(set) var merges = 0

  init() throws {
    // In memory where that is possible: thousands of syncs would only wear the disk.
    scratch = try Scratch(inMemory: true)
    folder = try ConfinedFolder(path: scratch.path)
    registry = try ComponentRegistry([
      ModelComponent(id: "main", paths: ["a.txt", "sub/b.txt"], isOptional: false),
      ModelComponent(id: "extra", paths: ["extra.txt"], isOptional: true),
    ])
  }

  static func lines(_ values: [String: String]) -> [String] {
    (0..<3).flatMap { ["# line \($0)", "v\($0)=\(values["v\($0)"] ?? "")"] } + ["# end"]
  }

  mutating func act(using generator: inout SeededGenerator) throws -> String {
    let path = generator.pick(files.keys.sorted())
    switch Int.random(in: 0..<22, using: &generator) {
    case 0...6:
      let line = generator.pick([1, 3, 5])
      return try edit(path, line: line)
    case 7: return try put(.absent, at: path)
    case 8: return try chmod(path, generator.pick([0o644, 0o755, 0o600]))
    case 9: return try put(Bool.random(using: &generator) ? .link : .folder, at: path)
    case 10:
      unknown["notes-\(edits).md"] = "mine"
      try scratch.write("mine", to: "notes-\(edits).md")
      edits += 1
      return "write an unknown file"
    case 11...15:
      let name = generator.pick(values.keys.sorted())
      edits += 1
      values[name] = String(edits)
      return "set \(name)=\(edits)"
    case 16:
      isExtraOn.toggle()
      return "extra \(isExtraOn)"
    case 17:
      isExecutable.toggle()
      return "executable \(isExecutable)"
    default:
      let choice = generator.pick([ConflictChoice.stop, .stop, .ours, .theirs])
      return try initialize(choice)
    }
  }

  // MARK: What people do

  private mutating func edit(_ path: String, line: Int) throws -> String {
    guard case .file(var lines, let mode)? = files[path]?.disk, line < lines.count else { return "nothing" }
    edits += 1
    lines[line] = "edited \(edits)"
    return try put(.file(lines, mode: mode), at: path)
  }

  private mutating func chmod(_ path: String, _ mode: UInt32) throws -> String {
    guard case .file(let lines, _)? = files[path]?.disk else { return "nothing" }
    return try put(.file(lines, mode: mode), at: path)
  }

  private mutating func put(_ disk: Disk, at path: String) throws -> String {
    try? FileManager.default.removeItem(atPath: scratch.file(path))
    switch disk {
    case .absent: break
    case .file(let lines, let mode):
      try scratch.write(lines.joined(separator: "\n") + "\n", to: path)
      try FileManager.default.setAttributes([.posixPermissions: Int(mode)], ofItemAtPath: scratch.file(path))
    case .link:
      try scratch.write("", to: "sub/.keep")
      try FileManager.default.createSymbolicLink(atPath: scratch.file(path), withDestinationPath: "/nowhere")
    case .folder:
      try FileManager.default.createDirectory(atPath: scratch.file(path), withIntermediateDirectories: true)
    }
    files[path]?.disk = disk
    return "\(path) becomes \(disk)"
  }

  // MARK: What the command does, and what the model thinks it does

  private mutating func initialize(_ choice: ConflictChoice) throws -> String {
    let predicted = predict(choice)
    let values = self.values.map { "\($0.key): \($0.value)\n" }.sorted().joined()
    let text = values + "executable: \(isExecutable)\ncomponents:\n  extra: \(isExtraOn)\n"
    let now = Timestamp(seconds: 1_790_000_000)
    let state = try State(creatingIn: folder, deployment: Identity.unnamed, now: now)
    let deployment = try Deployment(
      registry: registry, file: ConfigurationFile(text: text),
      identity: Identity(deployment: Identity.unnamed, folder: scratch.path))
    let run = State.RunDescription(arguments: ["test"], version: "0", user: "test", host: "test")
    do {
      let folderPlan = try FolderPlan(
        of: folder, to: FolderTarget(deployment, of: registry, configuration: text), state: state,
        secrets: try state.secretValues(), choice: choice)
      if !folderPlan.isNothingToDo { try folderPlan.apply(to: state, run: state.startRun(run, now: now), now: now) }
      guard let predicted else { return "init \(choice) should have stopped" }
      files = predicted
      let again = try FolderPlan(
        of: folder, to: FolderTarget(deployment, of: registry, configuration: text), state: state,
        secrets: try state.secretValues())
      #expect(again.isNothingToDo, "a second init has something to do: \(again.entries)")
    } catch let error as DioptraError {
      guard predicted == nil else { throw error }
      conflicts += 1
    }
    return "init \(choice)"
  }

  /// The files after `init`; nil when it stops.
  private mutating func predict(_ choice: ConflictChoice) -> [String: ModelFile]? {
    var result = files
    for (path, file) in files {
      let isWanted = path != "extra.txt" || isExtraOn
      let wanted = (lines: Self.lines(values), mode: isExecutable ? UInt32(0o755) : 0o644)
      guard let after = isWanted ? predict(file, wanted, choice) : predictRemoval(file, choice) else { return nil }
      result[path] = ModelFile(base: isWanted ? wanted : nil, disk: after)
    }
    return result
  }

  private mutating func predict(
    _ file: ModelFile, _ wanted: (lines: [String], mode: UInt32), _ choice: ConflictChoice
  ) -> Disk? {
    let wantedDisk = Disk.file(wanted.lines, mode: wanted.mode)
    func conflict() -> Disk? {
      switch choice {
      case .ours: file.disk
      case .theirs: file.disk == .folder ? nil : wantedDisk
      default: nil
      }
    }
    switch file.disk {
    case .absent: return file.base == nil ? wantedDisk : .absent
    case .link, .folder:
      let isUnchanged = file.base.map { $0 == wanted } ?? false
      return isUnchanged ? file.disk : conflict()
    case .file(let lines, let mode):
      guard let base = file.base else {
        if lines == wanted.lines { return mode.isAsGood(as: wanted.mode) ? file.disk : wantedDisk }
        return conflict()
      }
      let changedMode = mode.isAsGood(as: base.mode) ? mode.becoming(wanted.mode) : nil
      guard let newMode = pick(base.mode, mode, wanted.mode) ?? changedMode else { return conflict() }
      var merged = lines
      for index in lines.indices {
        guard let line = pick(base.lines[index], lines[index], wanted.lines[index]) else { return conflict() }
        merged[index] = line
      }
      if lines != base.lines, merged != lines { merges += 1 }
      return .file(merged, mode: newMode)
    }
  }

  private func predictRemoval(_ file: ModelFile, _ choice: ConflictChoice) -> Disk? {
    guard let base = file.base else { return file.disk }
    switch file.disk {
    case .absent: return .absent
    case .link, .folder: return file.disk
    case .file(let lines, let mode):
      if lines == base.lines, mode.isAsGood(as: base.mode) { return .absent }
      return choice == .ours ? file.disk : choice == .theirs ? .absent : nil
    }
  }

  /// The one value that three sides agree on; nil when two of them changed it differently.
  private func pick<Value: Equatable>(_ base: Value, _ ours: Value, _ theirs: Value) -> Value? {
    if ours == base || ours == theirs { return theirs }
    return theirs == base ? ours : nil
  }

  /// What is on the disk and not in the model, or the other way round.
  func difference() throws -> String? {
    for (path, file) in files {
      let actual: Disk =
        switch try folder.entry(path) {
        case nil: .absent
        case .link?: .link
        case .folder?: .folder
        case .other?: .absent
        case .file(let mode)?:
          .file(try scratch.read(path).split(separator: "\n").map(String.init), mode: mode)
        }
      if actual != file.disk { return "\(path): \(actual) instead of \(file.disk)" }
    }
    for (path, text) in unknown where try scratch.read(path) != text { return "\(path) was touched" }
    let left = try scratch.files().keys.filter { $0.hasSuffix(".dioptra-new") }
    return left.isEmpty ? nil : "\(left) were left behind"
  }
}

/// Files whose lines follow from variables.
private struct ModelComponent: Component {
  let id: ComponentID
  let summary = "A model"
  let paths: [String]
  let isOptional: Bool

  var variables: [Variable] {
    guard id == "main" else { return [] }
    return (0..<3).map {
      Variable(VariableName("v\($0)"), .count, default: .value("0"), help: "A number.")
    } + [
      Variable("executable", .boolean, default: .value("false"), help: "A switch."),
      Variable("project_slug", .slug, default: .value("model"), help: "The prefix."),
      Variable("release", .title, default: .value("1"), help: "The release."),
    ]
  }

  var requires: [ComponentID] { id == "main" ? [] : ["main"] }

  func contributions(in context: Context) throws -> [Contribution] {
    let values = Dictionary(
      uniqueKeysWithValues: try (0..<3).map { ("v\($0)", try context.configuration[VariableName("v\($0)")]) })
    let text = Text(ModelWorld.lines(values).joined(separator: "\n") + "\n")
    let permissions: FolderFile.Permissions = try context.isOn("executable") ? .executable : .plain
    return paths.map { .file(FolderFile($0, .text(text), permissions)) }
  }
}
