import DioptraKitCore
import Plugins

/// A deployment that a command looks at although something of it cannot be read.
struct LookingView {
  /// A part that cannot be told, and why.
  struct Fault: Encodable {
    let part: String
    let error: DioptraError

    init(_ part: String, _ error: DioptraError) {
      self.part = part
      self.error = error
    }

    private enum CodingKeys: CodingKey {
      case part, code, problem, remedy
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(part, forKey: .part)
      try container.encode(error.code, forKey: .code)
      try container.encode(error.problem, forKey: .problem)
      try container.encode(error.remedy, forKey: .remedy)
    }
  }

  /// As `dioptra.yaml` says; where that cannot be, as it was recorded, or by the choices that can be. nil where nothing
  /// tells what the deployment is.
  let view: DeploymentView?
  /// What is wrong with `dioptra.yaml`, and with State.
  private(set) var faults: [Fault] = []
  let folder: ConfinedFolder

  /// - Parameter withoutState: Whether a State that cannot be read is one more fault.
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

  /// Whether `dioptra.yaml` is what the view shows.
  var isAsConfigured: Bool { !faults.contains { $0.part == ConfigurationFile.name } }
}
