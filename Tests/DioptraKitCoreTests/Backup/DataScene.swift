import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraPlatform
@testable import DioptraRendering
@testable import DioptraState
@testable import DioptraSystem

/// A platform whose only engine is not there.
struct FakePlatform: Platform {
  let fake: FakeEngine
  let dialect: any PlatformDialect = PlainDialect()

  func engine(for deployment: Deployment, called call: EngineCall) async throws -> Availability {
    do {
      try fake.call("find the engine")
      return .usable(fake)
    } catch let error as DioptraError {
      return .unusable(error)
    }
  }

  func ownCall(of deployment: Deployment) -> String? { nil }
  func project(of deployment: Deployment, hiding secrets: SecretValues) async throws -> MergedProject? { nil }
  func project(adopting deployment: Deployment, in folder: String) async throws -> MergedProject? { nil }
}

/// An initialised deployment with a database and objects, on an engine that is not there, for whole operations.
struct DataScene: Sendable {
  let scratch: Scratch
  let engine = FakeEngine()
  let context: OperationContext

  /// Where the deployment is, where backups go, and where a restoration may go.
  var lab: String { scratch.file("lab") }
  var backup: String { scratch.file("backups/lab.dioptra-backup") }
  var other: String { scratch.file("other") }

  private static let start = Step("server.start", "Start it", action: .start("server", readyWhen: []), deadline: 5)

  private static let contributions: [Contribution] = [
    .file(FolderFile("box.conf", .text("a box\n"))),
    .volume(Volume("objects", "The objects")),
    .initService(
      Service("server", "Serves.", image: "server:2", mounts: [.volume("data", at: "/data")], connection: .none)),
    .initService(Service("named-volumes", "Looks.", image: "tool:1", connection: .none)),
    // A volume before the dump: the order is the operation's own.
    .backupData(.volume(VolumeCopy("objects", "the objects", isReadableWhileItChanges: true, leavingOut: ["tmp"]))),
    .backupData(
      .dump(
        ServiceDump(
          "box.dump", "the box", of: "server", in: "data", write: ["dump"], check: ["check"], restore: ["restore"]))),
  ]

  init(isRunning: Bool = false, also others: [Contribution] = []) async throws {
    scratch = try Scratch(inMemory: true)
    try scratch.write("", to: "backups/.keep")
    let steps: [Step] = [Self.start, .simple("fill", after: ["server.start"]), .stop]
    context = OperationContext(
      registry: try ComponentRegistry([BoxComponent(steps: steps, others: Self.contributions + others)]),
      platform: FakePlatform(fake: engine),
      caller: State.RunDescription(arguments: ["dioptra", "work"], version: "0", user: "me", host: HolderNote.host))
    engine.change {
      $0.answers = [
        "dump": .init(bytes: Array("all of the box".utf8)), "tar": .init(bytes: Array("all of the objects".utf8)),
        "check": .init(), "restore": .init(), "bash": .init(),
      ]
    }
    let target = try InitTarget(new: lab, recovering: true)
    _ = try await InitOperation(.init(target, ConfigurationFile(text: "")), in: context).run()
    engine.change {
      if isRunning { $0.running = ["server": "the running server"] }
      ($0.log, $0.calls) = ([], [])
    }
  }

  // MARK: Operations

  /// - Parameter templateVersion: That of the program that makes the backup.
  func back(withoutData: Bool = false, templateVersion: Int = 1) async throws -> BackupCreation.Result {
    let registry = try ComponentRegistry(context.registry.components, templateVersion: templateVersion)
    let context = OperationContext(registry: registry, platform: context.platform, caller: context.caller)
    let operation = BackupOperation(of: try ConfinedFolder(path: lab), withoutData: withoutData, in: context)
    return try await operation.run(passphrase: nil) { _, _, _ in backup }
  }

  func restore(in path: String, onlyData: Bool = false, overwriting: Bool = true) async throws {
    let operation = try await RestoreOperation(
      of: Backup(at: backup, passphrase: nil), in: path, withoutData: false, onlyData: onlyData, context)
    try await operation.run(overwriting: overwriting)
  }

  /// Runs an operation while something goes wrong with one of its calls to the engine.
  ///
  /// - Returns: How it ended, and the call; nil where it has fewer calls.
  func run<Value: Sendable>(
    with trouble: FakeEngine.Trouble, at call: Int, _ body: @escaping @Sendable () async throws -> Value
  ) async -> (result: Result<Value, any Error>, call: String?) {
    let (gate, opening) = AsyncStream<Void>.makeStream()
    let task = Task {
      for await _ in gate { break }
      return try await body()
    }
    engine.change {
      ($0.log, $0.calls) = ([], [])
      $0.trouble = (trouble, call)
      $0.cancel = { task.cancel() }
    }
    opening.yield()
    let result = await task.result
    let calls = engine.world.calls
    engine.change {
      $0.trouble = nil
      $0.cancel = nil
    }
    return (result, calls.count >= call ? calls[call - 1] : nil)
  }

  // MARK: What there is then

  /// The files below the backups' folder.
  func backups() throws -> [String] { try scratch.files(below: "backups").keys.filter { $0 != ".keep" } }

  /// How the newest run ended, of those of the folder's State.
  func outcome(in path: String? = nil) throws -> HistoryRun.Outcome? {
    let folder = try ConfinedFolder(path: path ?? lab)
    return try History(of: folder.recordedState(), in: folder).runs().first?.outcome
  }

  func runs(in path: String? = nil) throws -> Int {
    let folder = try ConfinedFolder(path: path ?? lab)
    return try History(of: folder.recordedState(), in: folder).runs().count
  }

  /// The data in the backup, by the members' names, in the order of the archive.
  func dataInBackup() async throws -> [String] {
    var found: [String] = []
    try await Backup(at: backup, passphrase: nil).forEachMember(of: [.dump, .volume]) { member, content in
      found.append("\(member.name): \(String(decoding: try content.content(), as: UTF8.self))")
    }
    return found
  }
}
