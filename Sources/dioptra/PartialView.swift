import DioptraKitCore
import Plugins

/// What can be seen of a deployment that is partly unreadable.
struct PartialView {
  /// A part that cannot be read, and why.
  struct Fault: Encodable {
    let part: String
    let problem: String
    let remedy: String

    init(_ part: String, _ error: DioptraError) {
      self.part = part
      problem = error.problem
      remedy = error.remedy
    }
  }

  /// The deployment as `dioptra.yaml` describes it. If that file is unusable: as recorded, or by its valid choices. nil if
  /// nothing describes the deployment.
  let view: DeploymentView?
  /// What is wrong with `dioptra.yaml` and with State.
  private(set) var faults: [Fault] = []
  let folder: ConfinedFolder

  /// - Parameter withoutState: Whether an unreadable State is a fault rather than an error.
  init(_ options: GlobalOptions, withoutState: Bool) throws {
    let folder = try options.deploymentFolder()
    self.folder = folder
    var faults: [Fault] = []
    var state: State?
    do {
      state = try State(readingIn: folder)
    } catch let error as DioptraError where withoutState {
      faults.append(Fault("state", error))
    }
    let context = try options.context()
    let registry = context.registry
    let identity = Identity(deployment: try state?.deployment ?? Identity.unnamed, folder: folder.path)
    let versions = try state?.secretVersions() ?? [:]
    func view(_ file: ConfigurationFile) throws -> DeploymentView {
      try DeploymentView(of: folder, in: context, file: file, state: state)
    }
    var file: ConfigurationFile?
    do {
      let read = try folder.configurationFile()
      file = read
      faults += read.faults(registry).map { Fault(ConfigurationFile.name, $0) }
      if faults.allSatisfy({ $0.part != ConfigurationFile.name }) {
        self.view = try view(read)
        self.faults = faults
        return
      }
    } catch let error as DioptraError {
      faults.append(Fault(ConfigurationFile.name, error))
    }
    self.faults = faults
    if let recorded = try? state?.appliedConfiguration(), let view = try? view(ConfigurationFile(text: recorded)) {
      self.view = view
      return
    }
    self.view = file.flatMap { file in
      guard
        let values = try? Configuration(
          registry: registry, chosen: file.withoutFaults(registry), disabled: file.disabled)
      else { return nil }
      return (try? Deployment(in: Context(configuration: values, identity: identity), secretVersions: versions)).map {
        DeploymentView(of: folder, in: context, file: file, state: state, as: $0)
      }
    }
  }

  /// Whether the view shows the present `dioptra.yaml`.
  var isAsConfigured: Bool { !faults.contains { $0.part == ConfigurationFile.name } }
}
