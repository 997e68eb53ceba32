import DioptraKitCore
import Plugins

/// The state of a deployment at a glance.
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
  /// Whether an earlier command was interrupted.
  private(set) var unfinished = false
  let components: [String]
  let disabledComponents: [String]
  let url: String?
  /// Why the deployment needs `dioptra upgrade` before any change; nil if it does not.
  let upgrade: String?
  private(set) var pendingChanges: [FolderPlan.Entry] = []
  private(set) var kept: [String] = []
  /// The files with conflict markers.
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
  /// The newest backup: when and where.
  let backup: Backup?
  struct Backup: Encodable {
    let path: String
    let finishedAt: String
  }
  /// The newest entry of history.
  let lastRun: HistoryRun?
  /// The parts that cannot be read, and why.
  private(set) var faults: [PartialView.Fault]

  /// - Parameter partial: Has a view.
  init(_ view: DeploymentView, _ partial: PartialView, in context: OperationContext) async throws {
    faults = partial.faults
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
    let host = try await HostContext.looking(
      at: view.deployment, on: Platforms.standard, in: view.folder, state: view.state, now: .now)
    url = view.deployment.url(in: try? host.project?.get())
    checks = await Doctor(host).shortDiagnoses()
    if partial.isAsConfigured { note(await Self.fault("files") { try compareFiles(view, context) }) }
    note(
      await Self.fault("drift") {
        drift = try view.state.map { try Drift(of: view.folder, state: $0, registry: { view.registry }).findings.count }
      })
    note(await Self.fault("Compose files") { _ = try host.project?.get() })
    switch host.availability {
    case nil: break
    case .notInstalled?: engine = "Docker is not installed"
    case .unusable(let error)?: engine = error.description
    case .usable(let usable)?: try await look(at: usable, host, view)
    }
  }

  /// Reads one part. If it cannot be read, that is reported and the others are still shown.
  private static func fault(_ part: String, _ tell: () async throws -> Void) async -> PartialView.Fault? {
    do {
      try await tell()
      return nil
    } catch let error as DioptraError {
      return PartialView.Fault(part, error)
    } catch {
      return PartialView.Fault(part, DioptraError("cannot be checked: \(error)", remedy: "Run `dioptra status` again"))
    }
  }

  private mutating func note(_ fault: PartialView.Fault?) {
    if let fault { faults.append(fault) }
  }

  private mutating func compareFiles(_ view: DeploymentView, _ context: OperationContext) throws {
    let folderPlan = try FolderPlan(
      of: view.folder, to: FolderTarget(view.deployment, of: view.registry, configuration: view.file.text),
      state: view.state, secrets: view.secrets,
      adopted: view.state == nil
        ? try context.committedTree(in: view.folder, view.file) : nil)
    unfinished = folderPlan.continuesUnfinished
    pendingChanges = upgrade == nil ? folderPlan.entries : []
    kept = folderPlan.kept
    marked = folderPlan.marked
  }

  private mutating func look(at engine: any Engine, _ host: HostContext, _ view: DeploymentView) async throws {
    self.engine = engine.summary
    isEngineUsable = true
    let deployment = view.deployment
    if case .success? = host.project {
      note(
        await Self.fault("services") {
          services = try await engine.services(of: deployment, hiding: try view.secrets).statuses().map {
            Service(service: $0.service, state: $0.state, health: $0.health)
          }
        })
    }
    note(await Self.fault("volumes") { volumeBytes = try await engine.volumeBytes(of: deployment) })
    // The steps belong to files that are not written yet.
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
