internal import DioptraSystem

/// One step of initialisation, as data: the program runs it, the standalone script contains it, and `--dry-run` shows
/// it.
public struct Step: Codable, Equatable, Sendable {
  /// What a step does. Services are init services.
  public enum Action: Codable, Equatable, Sendable {
    /// Fetches an image.
    case fetch(Text)
    /// Runs a service once, until it ends.
    case run(ServiceName, [Text])
    /// Starts a service and waits until a command inside it succeeds.
    case start(ServiceName, readyWhen: [Text])
    /// Runs a command inside a started service.
    case execute(ServiceName, [Text])
    /// Stops every init service.
    case stop
  }

  /// What decides whether a step is due again: the digest of these.
  public enum Input: Codable, Equatable, Sendable, Hashable {
    /// A file or folder of the deployment folder.
    case file(String)
    case variable(VariableName)
    case secret(SecretName)
    /// The current value of a line of `.env` on disk, whoever wrote it.
    case setting(String)
    case volume(VolumeName)
  }

  /// Data in a volume that are unusable with a different value than the one they were created with, such as an
  /// encryption key.
  public struct VolumeBinding: Codable, Equatable, Sendable {
    /// The volume with the data.
    public var volume: VolumeName
    /// A setting among the step's inputs.
    public var setting: String

    /// The data of a volume, and the setting that they were created with.
    public init(_ volume: VolumeName, setting: String) {
      self.volume = volume
      self.setting = setting
    }
  }

  /// What other steps require it by: `store.setup`. No other step may have it.
  public var id: StepID
  /// What the step does: "Set up the object store".
  public var title: String
  /// The steps that come before it.
  public var requires: [StepID]
  /// What is run, and in which service.
  public var action: Action
  /// What makes the step due again when it changes, including the settings of `volumeBindings`.
  public var inputs: [Input]
  /// Values that data depend on: `init` refuses to go on when one of them has changed.
  public var volumeBindings: [VolumeBinding]
  /// The deadline in seconds.
  public var deadline: Int
  /// How to skip the step; nil if it is always needed.
  public var skip: Skip?

  /// An option to skip a step.
  public struct Skip: Codable, Equatable, Sendable {
    /// The option of the standalone script that skips it for one run.
    public var option: String
    /// Whether the configuration skips it.
    public var isChosen: Bool

    /// - Parameter option: The option without its hyphens: `skip-store-setup`.
    public init(option: String, isChosen: Bool) {
      self.option = option
      self.isChosen = isChosen
    }
  }

  /// A step with a deadline in seconds. The settings of its volume bindings are added to its inputs.
  public init(
    _ id: StepID, _ title: String, requires: [StepID] = [], action: Action, inputs: [Input] = [],
    volumeBindings: [VolumeBinding] = [],
    deadline: Int, skip: Skip? = nil
  ) {
    self.id = id
    self.title = title
    self.requires = requires
    self.action = action
    self.inputs = inputs + volumeBindings.map { .setting($0.setting) }
    self.volumeBindings = volumeBindings
    self.deadline = deadline
    self.skip = skip
  }
}

extension Step.Action {
  /// The init service that the action needs.
  public var service: ServiceName? {
    switch self {
    case .run(let service, _), .start(let service, _), .execute(let service, _): service
    case .fetch, .stop: nil
    }
  }

  /// Whether it fetches an image, and so touches no volume.
  package var isFetch: Bool {
    if case .fetch = self { true } else { false }
  }

  var arguments: [Text] {
    switch self {
    case .run(_, let arguments), .start(_, let arguments), .execute(_, let arguments): arguments
    case .fetch(let image): [image]
    case .stop: []
    }
  }
}

extension Step.Input {
  var references: [Reference] {
    switch self {
    // Files may be the user's.
    case .file: []
    case .variable(let name): [.variable(name)]
    case .secret(let name): [.secret(name)]
    case .setting(let name): [.setting(name)]
    case .volume(let name): [.volume(name)]
    }
  }
}

extension Step: Contributed {
  /// What messages call such a value.
  public static let kind = "step"
  /// Its id, which no other step may have.
  public var names: [Reference] { [.step(id)] }
  /// The steps that it requires, its init service, and what its inputs, bindings and arguments name.
  public var references: [Reference] {
    requires.map { .step($0) } + (action.service.map { [.initService($0)] } ?? []) + action.arguments.references
      + inputs.flatMap(\.references) + volumeBindings.map { .volume($0.volume) }
  }
}

extension Contribution {
  /// A step of initialisation.
  public static func step(_ value: Step) -> Self { Self(value) }
}

extension Blueprint {
  /// Each after those that it requires.
  public var steps: [Owned<Step>] { self[Step.self] }
}
