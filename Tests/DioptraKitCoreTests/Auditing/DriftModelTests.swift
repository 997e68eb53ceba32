import Foundation
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraRendering
@testable import DioptraState
@testable import DioptraSystem

/// Random sequences of edits, inits, accepts and repairs: the findings are exactly where the disk differs from a
/// snapshot that the test keeps by itself.
struct DriftModelTests {
  @Test func theFindingsAreExactlyWhereTheDiskDiffersFromTheSnapshot() throws {
    let seed = UInt64(ProcessInfo.processInfo.environment["SEED"] ?? "") ?? UInt64.random(in: 1...1_000_000)
    print("drift model test, seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    var (clean, dirty) = (0, 0)
    var deeds: [String: Int] = [:]
    for sequence in 0..<300 {
      var world = try DriftWorld()
      var story: [String] = []
      for _ in 0..<16 {
        let action = try world.act(using: &generator)
        story.append(action)
        deeds[String(action.prefix { $0 != " " }), default: 0] += 1
        let (expected, found) = (try world.expected(), try world.found())
        try #require(expected == found, "seed \(seed), sequence \(sequence): \(story)")
        if expected.isEmpty { clean += 1 } else { dirty += 1 }
      }
    }
    print("drift model test: 300 sequences, \(clean) times clean, \(dirty) times not; \(deeds)")
    #expect(clean > 300 && dirty > 300)
    #expect(["init", "accept", "repair"].allSatisfy { deeds[$0, default: 0] > 200 })
  }
}

/// A folder, and what the test thinks is recorded of it.
private struct DriftWorld {
  enum Disk: Equatable {
    case file([UInt8], mode: Int)
    case link
    case folder
  }

  private let scratch: Scratch
  private let folder: ConfinedFolder
  private let registry: ComponentRegistry
  private let state: State
  private let now = Timestamp(seconds: 1_790_000_000)
  private var values = ["v0": "0", "v1": "0"]
  private var isExtraOn = true
  private var isExecutable = false
  private var edits = 0
  /// What was rendered last, and what is expected; an expected file that is not to be there is missing in `snapshot`.
  private var rendered: [String: Disk] = [:]
  private var snapshot: [String: Disk] = [:]
  private var own: Set<String> = []

  static let files = ["a.txt", "config/b.conf", "config/sub/c.conf", "scripts/d.sh", "secrets/e.env"]
  private static let untracked = ["config/mine.conf", "config/sub/deep/mine.conf", "scripts/mine.sh", "secrets/mine"]
  private static let outside = ["notes.md", "ssl/nginx/server.key", "docker-compose.override.yml"]

  init() throws {
    scratch = try Scratch(inMemory: true)
    folder = try ConfinedFolder(path: scratch.path)
    registry = try ComponentRegistry([
      DriftComponent(id: "main", paths: Self.files.filter { $0 != "scripts/d.sh" }),
      DriftComponent(id: "extra", paths: ["scripts/d.sh"]),
    ])
    let secrets = try Blueprint(
      in: Context(
        configuration: Configuration(registry: registry, chosen: [:]),
        identity: Identity(deployment: Identity.unnamed, folder: scratch.path))
    ).secrets.map(\.value)
    state = try State(creatingIn: folder, deployment: Identity.unnamed, secrets: secrets, now: now)
    _ = try initialize(.stop)
  }

  // MARK: What is expected and what is found

  /// `kind path` of each finding.
  func expected() throws -> Set<String> {
    var findings: Set<String> = []
    for path in Set(rendered.keys).union(own) {
      guard let wanted = snapshot[path] else {
        switch disk(path) {
        case nil: break
        case .file: findings.insert("\(path.contains("/") ? "extra" : "edited") \(path)")
        default: findings.insert("type \(path)")
        }
        continue
      }
      switch (disk(path), wanted) {
      case (nil, _): findings.insert("missing \(path)")
      case (.link, _), (.folder, _): findings.insert("type \(path)")
      case (.file(let bytes, let mode), .file(let wantedBytes, let wantedMode)):
        if bytes != wantedBytes {
          let isSecret = path == "secrets/e.env" && Self.password(bytes) != Self.password(wantedBytes)
          findings.insert("\(isSecret ? "secret" : "edited") \(path)")
        }
        if !UInt32(mode).isAsGood(as: UInt32(wantedMode)) { findings.insert("mode \(path)") }
      default: findings.insert("impossible")
      }
    }
    // A file of a component that was switched off is untracked too.
    for path in Self.untracked + Self.files where rendered[path] == nil && !own.contains(path) {
      guard path.contains("/"), let disk = disk(path), disk != .folder else { continue }
      findings.insert("extra \(path)")
    }
    if try !isConfigurationRendered() { findings.insert("stale dioptra.yaml") }
    return findings
  }

  func found() throws -> Set<String> {
    Set(try drift().findings.map { "\($0.kind.rawValue) \($0.path)" })
  }

  private func drift() throws -> Drift {
    let state = try #require(try State(readingIn: folder))
    return try Drift(of: folder, state: state, registry: { registry })
  }

  private static func password(_ bytes: [UInt8]) -> [String] {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { $0.hasPrefix("PASSWORD=") }.map(String.init)
  }

  private func disk(_ path: String) -> Disk? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: scratch.file(path))
    switch attributes?[.type] as? FileAttributeType {
    case .typeRegular?:
      let data = (try? Data(contentsOf: URL(filePath: scratch.file(path)))) ?? Data()
      return .file(Array(data), mode: attributes?[.posixPermissions] as? Int ?? 0)
    case .typeSymbolicLink?: return .link
    case .typeDirectory?: return .folder
    default: return nil
    }
  }

  private var configuration: String {
    values.map { "\($0.key): \($0.value)\n" }.sorted().joined() + "executable: \(isExecutable)\n"
      + "components:\n  extra: \(isExtraOn)\n"
  }

  private func isConfigurationRendered() throws -> Bool {
    try scratch.read("dioptra.yaml").split(separator: "\n").filter { !$0.hasPrefix("#") }
      == configuration.split(separator: "\n")[...].map { $0[...] }
  }

  // MARK: What people do

  mutating func act(using generator: inout SeededGenerator) throws -> String {
    let path = generator.pick(Self.files)
    switch Int.random(in: 0..<26, using: &generator) {
    case 0...4: return try edit(path, line: Int.random(in: 0..<5, using: &generator))
    case 5: return put(nil, at: path)
    case 6:
      guard case .file(let bytes, _)? = disk(path) else { return "nothing" }
      return put(.file(bytes, mode: generator.pick([0o644, 0o755, 0o600])), at: path)
    case 7: return put(Bool.random(using: &generator) ? .link : .folder, at: path)
    case 8:
      // Touched, and the same.
      guard let same = disk(path), same != .folder else { return "nothing" }
      return put(same, at: path)
    case 9:
      return try put(
        .file(Array("mine \(Int.random(in: 0..<3, using: &generator))\n".utf8), mode: 0o644),
        at: generator.pick(Self.untracked))
    case 10: return put(.file([0xFF, 0xEE, 0x80, 0x80], mode: 0o644), at: generator.pick(Self.outside + [path]))
    case 11: return try note()
    case 12...16: return try initialize(generator.pick([ConflictChoice.stop, .theirs]), using: &generator)
    case 17...21: return try accept(generator.pick(Self.files + Self.untracked))
    case 22...24: return try repair(at: generator.pick(Self.files + Self.untracked))
    default: return try repair(at: nil)
    }
  }

  private mutating func edit(_ path: String, line: Int) throws -> String {
    guard case .file(let bytes, let mode)? = disk(path) else { return "nothing" }
    var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    guard line < lines.count else { return "nothing" }
    edits += 1
    lines[line] = lines[line].hasPrefix("PASSWORD=") ? "PASSWORD=typed\(edits)" : "edited \(edits)"
    return put(.file(Array(lines.joined(separator: "\n").utf8), mode: mode), at: path)
  }

  /// A comment says nothing new.
  private func note() throws -> String {
    try scratch.write(try scratch.read("dioptra.yaml") + "# a note\n", to: "dioptra.yaml")
    return "note"
  }

  private func put(_ disk: Disk?, at path: String) -> String {
    let place = scratch.file(path)
    try? FileManager.default.removeItem(atPath: place)
    try? FileManager.default.createDirectory(
      at: URL(filePath: place).deletingLastPathComponent(), withIntermediateDirectories: true)
    switch disk {
    case nil: break
    case .file(let bytes, let mode):
      _ = FileManager.default.createFile(atPath: place, contents: Data(bytes), attributes: [.posixPermissions: mode])
    case .link: try? FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: "/nowhere")
    case .folder: try? FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    }
    return "put \(disk.map { "\($0)".prefix(20) } ?? "nothing") at \(path)"
  }

  // MARK: What commands do

  private mutating func initialize(
    _ choice: ConflictChoice, using generator: inout SeededGenerator
  ) throws -> String {
    let before = (values, isExtraOn, isExecutable)
    switch Int.random(in: 0..<5, using: &generator) {
    case 0, 1:
      edits += 1
      values[generator.pick(["v0", "v1"])] = String(edits)
    case 2: isExtraOn.toggle()
    case 3: isExecutable.toggle()
    default: break
    }
    let words = try initialize(choice)
    if words.hasSuffix("stopped") { (values, isExtraOn, isExecutable) = before }
    return words
  }

  private mutating func initialize(_ choice: ConflictChoice) throws -> String {
    let deployment = try Deployment(
      registry: registry, file: ConfigurationFile(text: configuration),
      identity: Identity(deployment: Identity.unnamed, folder: scratch.path),
      secretVersions: try state.secretVersions())
    let secrets = try state.secretValues()
    let before = Dictionary(uniqueKeysWithValues: Self.files.compactMap { path in disk(path).map { (path, $0) } })
    do {
      let folderPlan = try FolderPlan(
        of: folder, to: FolderTarget(deployment, of: registry, configuration: configuration), state: state,
        secrets: secrets, choice: choice)
      if !folderPlan.isNothingToDo {
        try folderPlan.apply(to: state, run: state.startRun(Self.run, now: now), now: now)
      }
    } catch let error as DioptraError {
      #expect(error.exitCode == .conflicts || error.problem.contains("folder"))
      return "init \(choice) \(values) \(isExtraOn) \(isExecutable) stopped"
    }
    var wanted: [String: Disk] = [:]
    for file in deployment.tree.files {
      wanted[file.path] = .file(try file.bytes(secrets: secrets), mode: Int(file.permissions.mode))
    }
    for path in Self.files { take(path, before[path], wanted[path]) }
    rendered = wanted
    return "init \(choice) \(values) \(isExtraOn) \(isExecutable)"
  }

  /// What is recorded of a file after an init that went through.
  private mutating func take(_ path: String, _ before: Disk?, _ wanted: Disk?) {
    guard let wanted, case .file(let wantedBytes, let wantedMode) = wanted else {
      // A file that was accepted as the user's own stays what it is.
      if !own.contains(path) { snapshot[path] = nil }
      return
    }
    own.remove(path)
    guard case .file(let bytes, let mode)? = disk(path) else {
      // Deleted or replaced by the user, and left so.
      return
    }
    // Of permissions that do as well the wanted ones are recorded; what opens a secret is not.
    let isAsGood = UInt32(mode).isAsGood(as: UInt32(wantedMode))
    var newMode = isAsGood ? wantedMode : mode
    if !isAsGood, wantedMode & 0o077 == 0, mode & 0o077 != 0 {
      if case .file(_, let recorded)? = snapshot[path] { newMode = recorded } else { newMode = wantedMode }
    }
    guard let before, case .file(let oldBytes, let oldMode) = before else {
      snapshot[path] = .file(bytes, mode: newMode)
      return
    }
    if bytes != oldBytes || (bytes == wantedBytes && isAsGood) {
      // Written, merged, or as it is wanted.
      snapshot[path] = .file(bytes, mode: newMode)
    } else if mode != oldMode {
      if bytes == wantedBytes {
        snapshot[path] = .file(bytes, mode: newMode)
      } else if case .file(let recorded, _)? = snapshot[path] {
        snapshot[path] = .file(recorded, mode: newMode)
      }
    } else if rendered[path] == nil {
      snapshot[path] = wanted
    }
  }

  private mutating func accept(_ path: String) throws -> String {
    let findings = try drift().findings.filter { $0.path == path }.map(\.kind)
    let words = "accept \(path)"
    let acceptance: DriftAcceptance
    do {
      acceptance = try DriftAcceptance(of: try drift(), at: [path])
    } catch {
      var isPrivate = path == "secrets/e.env" && findings == [.missing]
      if path == "secrets/e.env", case .file(_, let mode)? = disk(path) {
        // Another password, and a file that others can read.
        isPrivate = findings.contains(.secret) || (findings.contains(.mode) && mode & 0o077 != 0)
      }
      #expect(isPrivate || findings == [.type] || disk(path) == .link, "\(error)")
      return words + " refused"
    }
    let before = contents()
    do {
      try acceptance.apply(to: state, run: state.startRun(Self.run, now: now), now: now)
    } catch let error as DioptraError {
      #expect(error.problem.contains("is private and not text"))
      return words + " refused"
    }
    #expect(contents() == before, "accepting changes nothing on disk")
    guard !findings.isEmpty else { return words + " of nothing" }
    if rendered[path] == nil {
      if disk(path) == nil { own.remove(path) } else { own.insert(path) }
    }
    snapshot[path] = disk(path)
    return words
  }

  private func repair(at path: String?) throws -> String {
    let before = contents()
    let drift = try drift()
    let repair = try DriftRepair(of: drift, at: path.map { [$0] } ?? [])
    try repair.apply(to: state, run: state.startRun(Self.run, now: now), now: now)
    let kept = Set(try scratch.files(below: ".dioptra").keys.compactMap { try? scratch.data(".dioptra/\($0)") })
    for finding in drift.findings(at: path.map { [$0] } ?? []) where finding.kind != .stale {
      #expect(disk(finding.path) == snapshot[finding.path], "\(finding.path) is not as it was recorded")
      if case .file(let bytes, _)? = before[finding.path], finding.kind == .edited || finding.kind == .secret {
        #expect(kept.contains(Data(bytes)), "\(finding.path) is lost")
      }
    }
    for (other, disk) in before where path != nil && other != path && !other.hasPrefix("\(path ?? "")/") {
      #expect(self.disk(other) == disk, "\(other) was touched")
    }
    return "repair \(path ?? "all")"
  }

  private func contents() -> [String: Disk] {
    let paths = Self.files + Self.untracked + Self.outside + ["dioptra.yaml"]
    return Dictionary(uniqueKeysWithValues: paths.compactMap { path in disk(path).map { (path, $0) } })
  }

  private static let run = State.RunDescription(arguments: ["test"], version: "0", user: "test", host: "test")
}

/// Files whose lines follow from variables and a secret.
private struct DriftComponent: Component {
  let id: ComponentID
  let summary = "A model"
  let paths: [String]

  var variables: [Variable] {
    guard id == "main" else { return [] }
    return ["v0", "v1"].map { Variable(VariableName($0), .count, default: .value("0"), help: "A number.") } + [
      Variable("executable", .boolean, default: .value("false"), help: "A switch."),
      Variable("project_slug", .slug, default: .value("model"), help: "The prefix."),
      Variable("release", .title, default: .value("1"), help: "The release."),
    ]
  }

  var requires: [ComponentID] { id == "main" ? [] : ["main"] }

  func contributions(in context: Context) throws -> [Contribution] {
    let lines: Text = try "# v0\nV0=\(context["v0"])\n# between\nV1=\(context["v1"])\n"
    let password: Text = "PASSWORD=\(secret: "password")\n"
    let permissions: FolderFile.Permissions = try context.isOn("executable") ? .executable : .plain
    return paths.map { path in
      path == "secrets/e.env"
        ? .file(FolderFile(path, .text(lines + password), .secret)) : .file(FolderFile(path, .text(lines), permissions))
    } + (id == "main" ? [.secret(Secret("password", "A door"))] : [])
  }
}

extension Scratch {
  fileprivate func data(_ name: String) throws -> Data {
    try Data(contentsOf: URL(filePath: file(name)))
  }
}
