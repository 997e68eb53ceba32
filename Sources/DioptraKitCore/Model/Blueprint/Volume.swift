internal import DioptraSystem

/// A named volume.
public struct Volume: Codable, Equatable, Sendable {
  /// What a volume is for.
  public enum Lifetime: String, Codable, Sendable {
    /// Holds what the running deployment uses.
    case deployment
    /// Holds what only initialisation uses.
    case initialization
  }

  /// How many services of the running deployment mount a volume.
  public enum Access: String, Codable, Sendable {
    /// One.
    case single
    /// Any number.
    case shared
  }

  /// The name without the deployment's slug.
  public var name: VolumeName
  /// What the volume contains.
  public var summary: String
  /// What the volume is for: `.initialization` if only init services mount it.
  public var lifetime: Lifetime
  /// How many running services mount it: a second one is refused unless it is `.shared`.
  public var access: Access

  /// A volume for one service of the running deployment, unless it is said otherwise.
  public init(
    _ name: VolumeName, _ summary: String, lifetime: Lifetime = .deployment, access: Access = .single
  ) {
    self.name = name
    self.summary = summary
    self.lifetime = lifetime
    self.access = access
  }
}

/// What is put into one volume before its service first runs, and whenever the folder's files have changed.
///
/// One container run prepares all volumes. Every action can be repeated.
public struct VolumePreparation: Codable, Equatable, Sendable {
  /// Who owns the files, and the option of `init-named-volumes.sh` that chooses another owner.
  public struct Owner: Codable, Equatable, Sendable {
    /// The option without its hyphens: `chown-store`.
    public var option: String
    /// What the option sets, without a full stop: "Owner of the store's files".
    public var help: String
    /// `user:group`, as numbers or names inside the preparing container.
    public var value: String

    /// An owner; preparations whose option is the same must have equal owners.
    public init(option: String, help: String, value: String) {
      self.option = option
      self.help = help
      self.value = value
    }
  }

  /// Modes are octal digits: `0644`.
  public enum Action: Codable, Equatable, Sendable {
    /// Deletes what the volume holds, but names that begin with a dot.
    case clear
    /// Sets owner and mode of the volume's own folder.
    case folder(mode: String)
    /// Makes a folder inside the volume.
    case subfolder(String, mode: String)
    /// Copies one file of the deployment folder.
    case copy(String, as: String, mode: String)
    /// Copies the files of a folder of the deployment folder whose names match a shell pattern.
    case copyMatching(folder: String, pattern: String, mode: String)
    /// Writes the value that a `NAME=value` line of a file has, and nothing else.
    case value(of: String, in: String, as: String, mode: String)
    /// Copies a file out of another volume.
    case copyFromVolume(VolumeName, path: String, as: String, mode: String)
    /// Mirrors the user's certificate authorities into a folder of the volume; `.` is the volume's own folder.
    case certificateAuthorities(into: String)
    /// Deletes the named files.
    case remove([String])
  }

  /// An action, and the variable that decides whether it happens.
  public struct Conditional: Codable, Equatable, Sendable {
    /// What is done.
    public var action: Action
    /// When it is done; nil for always.
    public var condition: Condition?

    /// An action that is always done, or only while a condition holds.
    public init(_ action: Action, when condition: Condition? = nil) {
      self.action = action
      self.condition = condition
    }
  }

  /// Holds while a variable of the type `boolean` is on, or while it is off.
  public struct Condition: Codable, Equatable, Sendable {
    /// A variable of the type `boolean`.
    public var variable: VariableName
    /// Whether the condition holds while the variable is on.
    public var isOn: Bool

    /// Holds while a variable is on.
    public static func on(_ variable: VariableName) -> Self { Self(variable: variable, isOn: true) }
    /// Holds while a variable is off.
    public static func off(_ variable: VariableName) -> Self { Self(variable: variable, isOn: false) }
  }

  /// The volume to fill.
  public var volume: VolumeName
  /// The option of `init-named-volumes.sh` that says where the volume is mounted.
  public var directoryOption: String
  /// Who owns what the actions make.
  public var owner: Owner
  /// What is done, in this order.
  public var actions: [Conditional]

  /// The content of a volume; `directoryOption` goes without its hyphens: `store-data-dir`.
  public init(_ volume: VolumeName, directoryOption: String, owner: Owner, actions: [Conditional]) {
    self.volume = volume
    self.directoryOption = directoryOption
    self.owner = owner
    self.actions = actions
  }
}

extension Volume: Contributed {
  /// What messages call such a value.
  public static let kind = "volume"
  /// Its name, which no other volume may have.
  public var names: [Reference] { [.volume(name)] }
}

extension Contribution {
  /// A named volume.
  public static func volume(_ value: Volume) -> Self { Self(value) }
}

extension Blueprint {
  /// Every volume of the deployment, in the order of the components.
  public var volumes: [Owned<Volume>] { self[Volume.self] }
}

extension VolumePreparation: Contributed {
  /// What messages call such a value.
  public static let kind = "preparation of volume"
  /// The volume's name: nothing else may prepare it.
  public var names: [Reference] { [Reference(Self.kind, volume.rawValue)] }
  /// The volume, those that files are copied from, and the variables of conditions.
  public var references: [Reference] {
    [.volume(volume)]
      + actions.flatMap { conditional -> [Reference] in
        let condition = conditional.condition.map { [Reference.variable($0.variable)] } ?? []
        guard case .copyFromVolume(let name, _, _, _) = conditional.action else { return condition }
        return condition + [.volume(name)]
      }
  }
}

extension Contribution {
  /// What is put into a volume before its service first runs.
  public static func volumePreparation(_ value: VolumePreparation) -> Self { Self(value) }
}

extension Blueprint {
  /// The preparation of every volume that has one, in the order of the components.
  public var volumePreparations: [Owned<VolumePreparation>] { self[VolumePreparation.self] }
}
