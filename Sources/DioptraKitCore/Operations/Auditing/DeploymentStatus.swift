internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
public import DioptraSystem

/// The state of a deployment at a glance.
public struct DeploymentStatus: Encodable {
  /// A service of the running deployment.
  public struct Service: Encodable {
    /// The platform's name for it, with the deployment's prefix.
    public let service: String
    /// `running`, `exited`, `restarting`, …; `absent` for a service without a container.
    public let state: String
    /// `healthy`, `unhealthy` or `starting`; empty for a service without a health check.
    public let health: String
  }

  /// A step of initialisation that is due.
  public struct Step: Encodable {
    /// The step's id in the blueprint.
    public let id: String
    /// What the step does, for people.
    public let title: String
    /// Why it is due, in words: `has not run yet`.
    public let reason: String
  }

  /// Absolute path.
  public let folder: String
  /// The variable `deployment_name`, or the slug where there is none.
  public let name: String
  /// The version of the program that looks at the deployment.
  public let version: String
  /// The configured release of Dioptra; empty if the configuration names none.
  public let release: String
  /// The newest generation whose files are in place; nil if there is none.
  public let generation: Int?
  /// Whether an earlier command was interrupted.
  public private(set) var unfinished = false
  /// The ids of the enabled components, in the order of the registry.
  public let components: [String]
  /// The ids of the disabled components, sorted.
  public let disabledComponents: [String]
  /// The main page, at the port that the platform publishes; nil without one, or if that port is not published.
  public let url: String?
  /// Why the deployment needs `dioptra upgrade` before any change; nil if it does not.
  public let upgrade: String?
  /// What `dioptra init` would change in the folder; empty while an upgrade is needed, or if the files cannot be
  /// compared.
  public private(set) var pendingChanges: [FolderPlan.Entry] = []
  /// The paths with edits of the user that `dioptra init` would keep.
  public private(set) var kept: [String] = []
  /// The files with conflict markers.
  public private(set) var marked: [String] = []
  /// What the components' own checks say: certificates, the workers' account, the unit.
  public let checks: [Doctor.Diagnosis]
  /// What the engine is, or why there is none.
  public private(set) var engine: String?
  /// Whether the engine answers and can run the deployment.
  public private(set) var isEngineUsable = false
  /// Sorted by name; nil without a usable engine, or if they cannot be read.
  public private(set) var services: [Service]?
  /// The due steps; nil without a usable engine, while an upgrade is needed, or if they cannot be determined.
  public private(set) var pendingSteps: [Step]?
  /// The total size of the deployment's volumes; nil if no engine reports it.
  public private(set) var volumeBytes: Int?
  /// How many differences `drift` would find in the folder; nil where nothing was recorded.
  public private(set) var drift: Int?
  /// The newest backup: when and where.
  public let backup: NewestBackup?
  /// A backup as recorded in State. The file may have been moved or deleted since.
  public struct NewestBackup: Encodable {
    /// The absolute path at which it was written.
    public let path: String
    /// RFC 3339, UTC.
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
