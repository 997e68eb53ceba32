import DioptraKitCore
import Plugins

/// How a deployment stands, at a glance.
struct StatusReport: Encodable {
  struct Service: Encodable {
    let service: String
    let state: String
    let health: String
  }

  struct Step: Encodable {
    let id: String
    let title: String
    let reason: String
  }

  let folder: String
  let name: String
  let version: String
  let release: String
  let generation: Int?
  /// Whether an earlier command did not get to its end.
  private(set) var unfinished = false
  let components: [String]
  let disabledComponents: [String]
  let url: String?
  /// Why the deployment needs `dioptra upgrade` before anything of it is changed; nil where it does not.
  let upgrade: String?
  private(set) var pendingChanges: [FolderUpdate.Step] = []
  private(set) var kept: [String] = []
  /// The files with both versions of a conflict between marker lines.
  private(set) var marked: [String] = []
  /// What the components' own checks say: certificates, the workers' account, the unit.
  let checks: [Doctor.Diagnosis]
  /// What the engine is, or why there is none.
  private(set) var engine: String?
  private(set) var isEngineUsable = false
  private(set) var services: [Service]?
  private(set) var pendingSteps: [Step]?
  private(set) var volumeBytes: Int?
  /// How many differences `drift` would find in the folder; nil where nothing was recorded.
  private(set) var drift: Int?
  /// The newest backup: when it was made, and where it was put.
  let backup: Backup?
  struct Backup: Encodable {
    let path: String
    let finishedAt: String
  }
  /// The newest entry of history.
  let lastRun: HistoryRun?
  /// The parts that cannot be told, and why.
  private(set) var faults: [LookingView.Fault]

  /// - Parameter looking: Has a view.
  init(_ view: DeploymentView, _ looking: LookingView, in context: OperationContext) async throws {
    faults = looking.faults
    let values = view.deployment.configuration
    folder = view.folder.path
    name = values.entry("deployment_name")?.value ?? values.slug
    version = Version.current
    release = values.release
    generation = try view.state?.newestGeneration()
    components = view.registry.components.map(\.id).filter { !view.file.disabled.contains($0) }.map(\.rawValue)
    disabledComponents = view.file.disabled.map(\.rawValue).sorted()
    upgrade = try view.upgradeReason()
    lastRun = try view.state.flatMap { try History(of: $0, in: view.folder).runs().first }
    backup = try view.state?.newestBackup().map { Backup(path: $0.path, finishedAt: $0.finishedAt) }
    let scene = try await HostScene.looking(
      at: view.deployment, on: Platforms.standard, in: view.folder, state: view.state, now: .now)
    url = view.deployment.url(in: try? scene.project?.get())
    checks = await Doctor(scene).shortDiagnoses()
    if looking.isAsConfigured { note(await Self.fault("files") { try compareFiles(view, context) }) }
    note(
      await Self.fault("drift") {
        drift = try view.state.map { try Drift(of: view.folder, state: $0, registry: { view.registry }).findings.count }
      })
    note(await Self.fault("Compose files") { _ = try scene.project?.get() })
    switch scene.availability {
    case nil: break
    case .notInstalled?: engine = "Docker is not installed"
    case .unusable(let error)?: engine = error.description
    case .usable(let usable)?: try await look(at: usable, scene, view)
    }
  }

  /// Tells one part. That it cannot be told is told instead, and the others are told all the same.
  private static func fault(_ part: String, _ tell: () async throws -> Void) async -> LookingView.Fault? {
    do {
      try await tell()
      return nil
    } catch let error as DioptraError {
      return LookingView.Fault(part, error)
    } catch {
      return LookingView.Fault(
        part, DioptraError(.internalFault, "it cannot be told: \(error)", remedy: "Run \(dioptra: "status") again"))
    }
  }

  private mutating func note(_ fault: LookingView.Fault?) {
    if let fault { faults.append(fault) }
  }

  private mutating func compareFiles(_ view: DeploymentView, _ context: OperationContext) throws {
    let update = try FolderUpdate(
      of: view.folder, to: FolderTarget(view.deployment, of: view.registry, configuration: view.file.text),
      state: view.state, secrets: view.secrets,
      adopted: view.state == nil
        ? try context.committedTree(in: view.folder, view.file) : nil)
    unfinished = update.continuesUnfinished
    pendingChanges = upgrade == nil ? update.steps : []
    kept = update.kept
    marked = update.marked
  }

  private mutating func look(at engine: any Engine, _ scene: HostScene, _ view: DeploymentView) async throws {
    self.engine = engine.summary
    isEngineUsable = true
    let deployment = view.deployment
    if case .success? = scene.project {
      note(
        await Self.fault("services") {
          services = try await engine.services(of: deployment, hiding: try view.secrets).statuses().map {
            Service(service: $0.service, state: $0.state, health: $0.health)
          }
        })
    }
    note(await Self.fault("volumes") { volumeBytes = try await engine.volumeBytes(of: deployment) })
    // The steps are those of files that are yet to come.
    if upgrade == nil {
      note(
        await Self.fault("steps") {
          let plan = try await Initialization(of: deployment, in: view.folder, on: engine).plan(state: view.state)
          pendingSteps = plan.due.map { step in
            Step(id: step.step.id.rawValue, title: step.step.title, reason: step.reason?.description ?? "")
          }
        })
    }
    try Task.checkCancellation()
  }
}
