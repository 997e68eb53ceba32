internal import DioptraModel
internal import DioptraRendering
internal import DioptraState
public import DioptraSystem

/// What can be seen of a deployment that is partly unreadable.
public struct PartialView {
  /// A part that cannot be read, and why.
  public struct Fault: Encodable, Sendable {
    /// `dioptra.yaml` or `state`; in a `DeploymentStatus` also one of its parts, such as `services`.
    public let part: String
    /// Why the part cannot be read.
    public let error: DioptraError

    init(_ part: String, _ error: DioptraError) {
      self.part = part
      self.error = error
    }

    private enum CodingKeys: CodingKey {
      case part, code, problem, remedy
    }

    /// `part`, and the error's `code`, `problem` and `remedy`.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(part, forKey: .part)
      try container.encode(error.code, forKey: .code)
      try container.encode(error.problem, forKey: .problem)
      try container.encode(error.remedy, forKey: .remedy)
    }
  }

  /// The deployment as `dioptra.yaml` describes it. If that file is unusable: as recorded, or by its valid choices. nil
  /// if nothing describes the deployment.
  public let view: DeploymentView?
  /// What is wrong with `dioptra.yaml` and with State.
  public private(set) var faults: [Fault] = []
  /// The deployment's folder.
  public let folder: ConfinedFolder

  /// - Parameter withoutState: Whether an unreadable State is a fault rather than an error.
  /// - Throws: `DioptraError` for an unreadable State, unless that is a fault.
  package init(of folder: ConfinedFolder, in context: OperationContext, withoutState: Bool) throws {
    self.folder = folder
    var faults: [Fault] = []
    var state: State?
    do {
      state = try State(readingIn: folder)
    } catch let error as DioptraError where withoutState {
      faults.append(Fault("state", error))
    }
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
  public var isAsConfigured: Bool { !faults.contains { $0.part == ConfigurationFile.name } }
}
