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
  let unfinished: Bool
  let components: [String]
  let disabledComponents: [String]
  let url: String?
  /// Why the deployment needs `dioptra upgrade` before anything of it is changed; nil where it does not.
  let upgrade: String?
  let pendingChanges: [FolderUpdate.Step]
  let kept: [String]
  /// The files with both versions of a conflict between marker lines.
  let marked: [String]
  /// What the components' own checks say: certificates, the workers' account, the unit.
  let checks: [Doctor.Diagnosis]
  /// What the engine is, or why there is none.
  private(set) var engine: String?
  private(set) var isEngineUsable = false
  private(set) var services: [Service]?
  private(set) var pendingSteps: [Step]?
  private(set) var volumeBytes: Int?
  /// How many differences `drift` would find in the folder; nil where nothing was recorded.
  let drift: Int?
  /// The newest backup: when it was made, and where it was put.
  let backup: Backup?
  struct Backup: Encodable {
    let path: String
    let finishedAt: String
  }
  /// The newest entry of history.
  let lastRun: HistoryRun?

  init(_ view: DeploymentView) async throws {
    let update = try FolderUpdate(
      of: view.folder, to: FolderTarget(view.deployment, of: view.registry, configuration: view.file.text),
      state: view.state, secrets: view.secrets,
      adopted: view.state == nil
        ? ReferenceDeployment.committedTree(in: view.folder, view.registry, view.file) : nil)
    let values = view.deployment.configuration
    folder = view.folder.path
    name = values["deployment_name"]
    version = Version.current
    release = values["release"]
    generation = try view.state?.newestGeneration()
    unfinished = update.continuesUnfinished
    components = view.registry.components.map(\.id).filter { !view.file.disabled.contains($0) }.map(\.rawValue)
    disabledComponents = view.file.disabled.map(\.rawValue).sorted()
    url = view.deployment.url
    upgrade = try view.upgradeReason()
    pendingChanges = upgrade == nil ? update.steps : []
    kept = update.kept
    marked = update.marked
    let availability = try await DockerEngine.find(DockerCommand(for: view.deployment))
    let scene = CheckScene(
      folder: view.folder, deployment: view.deployment, state: view.state, availability: availability, now: .now)
    drift = try view.state.map { try Drift(of: view.folder, state: $0, registry: { view.registry }).findings.count }
    lastRun = try view.state.flatMap { try History(of: $0, in: view.folder).runs().first }
    backup = try view.state?.newestBackup().map { Backup(path: $0.path, finishedAt: $0.finishedAt) }
    checks = await Doctor(scene).shortDiagnoses()
    switch availability {
    case .notInstalled: engine = "Docker is not installed"
    case .unusable(let error): engine = error.description
    case .usable(let usable): try await look(at: usable, view)
    }
  }

  private mutating func look(at engine: DockerEngine, _ view: DeploymentView) async throws {
    self.engine = "Docker \(engine.version) with Compose \(engine.composeVersion)"
    isEngineUsable = true
    let deployment = view.deployment
    let services = RunningServices(of: deployment, on: engine, secrets: try view.secrets)
    async let statuses = services.statuses()
    async let bytes = engine.volumeBytes(of: deployment)
    self.services = try await statuses.map { Service(service: $0.service, state: $0.state, health: $0.health) }
    volumeBytes = try await bytes
    // The steps are those of files that are yet to come.
    guard upgrade == nil else { return }
    let plan = try await Initialization(of: deployment, in: view.folder, on: engine).plan(state: view.state)
    pendingSteps = plan.due.map { step in
      Step(id: step.step.id.rawValue, title: step.step.title, reason: step.reason?.description ?? "")
    }
  }
}
