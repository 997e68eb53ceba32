internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
public import DioptraSystem

/// The state of a deployment at a glance.
public struct DeploymentStatus: Encodable {
  public struct Service: Encodable {
    public let service: String
    public let state: String
    public let health: String
  }

  public struct Step: Encodable {
    public let id: String
    public let title: String
    public let reason: String
  }

  public let folder: String
  public let name: String
  public let version: String
  public let release: String
  public let generation: Int?
  /// Whether an earlier command was interrupted.
  public private(set) var unfinished = false
  public let components: [String]
  public let disabledComponents: [String]
  public let url: String?
  /// Why the deployment needs `dioptra upgrade` before any change; nil if it does not.
  public let upgrade: String?
  public private(set) var pendingChanges: [FolderPlan.Entry] = []
  public private(set) var kept: [String] = []
  /// The files with conflict markers.
  public private(set) var marked: [String] = []
  /// What the components' own checks say: certificates, the workers' account, the unit.
  public let checks: [Doctor.Diagnosis]
  /// What the engine is, or why there is none.
  public private(set) var engine: String?
  public private(set) var isEngineUsable = false
  public private(set) var services: [Service]?
  public private(set) var pendingSteps: [Step]?
  public private(set) var volumeBytes: Int?
  /// How many differences `drift` would find in the folder; nil where nothing was recorded.
  public private(set) var drift: Int?
  /// The newest backup: when and where.
  public let backup: NewestBackup?
  public struct NewestBackup: Encodable {
    public let path: String
    public let finishedAt: String
  }
  /// The newest entry of history.
  public let lastRun: HistoryRun?
  /// The parts that cannot be read, and why.
  public private(set) var faults: [PartialView.Fault]

  /// Looks at a deployment; what cannot be read of it is a fault in the status. Writes nothing and takes no lock.
  ///
  /// - Throws: `DioptraError` for an unreadable State, or where nothing describes the deployment.
  public init(of folder: ConfinedFolder, in context: OperationContext) async throws {
    let partial = try PartialView(of: folder, in: context, withoutState: false)
    guard let view = partial.view else {
      throw partial.faults.first?.error
        ?? DioptraError(.internalFault, "there is nothing to show", remedy: "Run \(dioptra: "doctor")")
    }
    faults = partial.faults
    let values = view.deployment.configuration
    self.folder = folder.path
    name = values.entry("deployment_name")?.value ?? values.slug
    version = context.caller.version
    release = values.release
    generation = try view.state?.newestGeneration()
    components = view.registry.components.map(\.id).filter { !view.file.disabled.contains($0) }.map(\.rawValue)
    disabledComponents = view.file.disabled.map(\.rawValue).sorted()
    upgrade = try view.upgradeReason()
    lastRun = try view.state.flatMap { try History(of: $0, in: view.folder).runs().first }
    backup = try view.state?.newestBackup().map { NewestBackup(path: $0.path, finishedAt: $0.finishedAt) }
    let host = try await HostContext.looking(
      at: view.deployment, on: context.platform, in: folder, state: view.state, now: context.now())
    url = view.deployment.url(in: try? host.project?.get())
    checks = await Doctor(host).shortDiagnoses()
    if partial.isAsConfigured { note(await Self.fault("files") { try compareFiles(view, context) }) }
    note(
      await Self.fault("drift") {
        drift = try view.state.map { try Drift(of: view.folder, state: $0, registry: { view.registry }).findings.count }
      })
    note(await Self.fault("\(context.registry.dialect.words.reader) files") { _ = try host.project?.get() })
    switch host.availability {
    case nil: break
    case .notInstalled?: engine = "\(context.registry.dialect.words.engine) is not installed"
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
      return PartialView.Fault(
        part, DioptraError(.internalFault, "cannot be checked: \(error)", remedy: "Run \(dioptra: "status") again"))
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
