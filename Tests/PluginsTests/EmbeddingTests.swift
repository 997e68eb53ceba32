import DioptraKitCore
import Plugins
import Synchronization
import TestSupport
import Testing

/// A program that imports the framework does what the command line does. It sees nothing but what is public.
struct EmbeddingTests {
  private let scratch: Scratch
  private let context: OperationContext
  private let notes = Notes()

  init() throws {
    scratch = try Scratch()
    context = OperationContext(
      registry: try ReferenceDeployment.registry(), platform: Platforms.standard,
      caller: State.RunDescription(arguments: ["lab-portal", "deploy"], version: "7", user: "ada", host: "portal"),
      committedIdentity: { try ReferenceDeployment.committedIdentity(in: $0) }, observer: notes)
  }

  private final class Notes: OperationObserver {
    private let all = Mutex<[String]>([])
    var parts: [String] { all.withLock { $0 } }
    func completed(_ part: String) { all.withLock { $0.append(part) } }
  }

  /// A deployment whose files are there and whose steps have not run.
  private func deployment() async throws -> ConfinedFolder {
    let target = try InitTarget(new: scratch.file("lab"), recovering: false)
    let configuration = try Configuration(registry: context.registry, chosen: ["deployment_name": "Lab"])
    let file = try ConfigurationFile.new(configuration, registry: context.registry, disabled: [], pinned: [])
    var report: InitOperation.Report?
    let ran = try await InitOperation(.init(target, file, rendersOnly: true), in: context).run { report = $0 }
    #expect(ran == nil)
    #expect(report?.isNew == true && report?.folderPlan?.entries.isEmpty == false)
    return try ConfinedFolder(ofDeploymentAbove: scratch.file("lab"))
  }

  @Test func itCreatesADeploymentThatIsInTheHistory() async throws {
    let folder = try await deployment()
    #expect(try DriftOperation(folder, in: context).findings { _ in [] }.findings == [])
    let state = try #require(try DeploymentView(of: folder, in: context).state)
    let run = try #require(try History(of: state, in: folder).runs().first)
    #expect((run.command, run.user, run.host) == ("lab-portal deploy", "ada", "portal"))
  }

  @Test func itChangesTheConfigurationAndTheFilesThatFollow() async throws {
    let folder = try await deployment()
    func edit(_ value: String) -> ConfigurationEdit {
      ConfigurationEdit("lab-portal", of: folder, in: context) { file, _ in
        try file.set("nginx_proxy_read_timeout", to: value, spelledLike: [])
      }
    }
    #expect(try edit("400s").run())
    #expect(try !edit("400s").run())
    #expect(try scratch.read("lab/config/nginx/http_proxy.conf").contains("400s") == false)
    try await edit("500s").apply(choice: .stop, resolutions: [:])
    #expect(try scratch.read("lab/config/nginx/http_proxy.conf").contains("500s"))
    let back = try await RollbackOperation(.init(generation: 1), in: context).preview(folder)
    #expect(back.rollback.folderPlan.entries.map(\.path).contains("config/nginx/http_proxy.conf"))
    #expect(try await UpgradeOperation(UpgradeRequest(), in: context).preview(folder).upgrade.isNothingToDo)
  }

  @Test func itDecidesAboutDrift() async throws {
    let folder = try await deployment()
    try scratch.write("mine\n", to: "lab/README.md")
    try scratch.write("mine\n", to: "lab/config/nginx/http_proxy.conf")
    let drift = DriftOperation(folder, in: context)
    #expect(try drift.findings { _ in [] }.findings.map(\.path) == ["README.md", "config/nginx/http_proxy.conf"])
    #expect(try await drift.accept { _ in ["README.md"] }.accepted == ["README.md"])
    let refused = try await drift.repair(at: { _ in [] }) { repair, _ in repair.entries.isEmpty }
    #expect(refused.findings.map(\.path) == ["config/nginx/http_proxy.conf"])
    #expect(try await drift.repair { _ in [] }.findings == [])
    #expect(try scratch.read("lab/README.md") == "mine\n")
  }

  @Test func itMakesABackupAndRestoresIt() async throws {
    let folder = try await deployment()
    let file = scratch.file("lab.dioptra-backup")
    let made = try await BackupOperation(of: folder, withoutData: true, in: context)
      .run(passphrase: "correct horse") { _, _, _ in file }
    #expect(made.path == file && made.isEncrypted && made.isRecorded)
    let restoration = try await RestoreOperation(
      of: Backup(at: file, passphrase: "correct horse"), in: scratch.file("again"), withoutData: true, onlyData: false,
      context)
    #expect(restoration.engine == nil)
    try await restoration.run(overwriting: false)
    #expect(notes.parts.contains("the folder, with configuration, secrets and State"))
    #expect(try scratch.read("again/.env") == scratch.read("lab/.env"))
  }

  @Test func aDeploymentBeingRestoredCannotBeOpenedForWriting() async throws {
    let folder = try await deployment()
    try scratch.write(#"{"path": "/backup", "digest": "d", "onlyData": false}"#, to: "lab/.dioptra/restoring")
    #expect(throws: (any Error).self) {
      try DeploymentSession(writing: "lab-portal", in: folder, now: .now)
    }
    #expect(throws: Never.self) {
      try DeploymentSession(writing: "lab-portal", in: folder, now: .now, allowing: .duringRestoration)
    }
  }
}
