internal import DioptraSystem

/// Files that steps of initialisation fetch and build in a volume. They can be taken to a machine without a network, where
/// they are put into the volume instead.
public struct BuiltFiles: Codable, Equatable, Sendable {
  /// The volume that holds them and nothing else.
  public var volume: VolumeName
  /// What they are: "the front end".
  public var summary: String
  /// The steps that are not needed where the files are there. The last one puts them into the volume.
  public var steps: [StepID]

  /// Files in a volume, and the steps that make them, in order.
  public init(_ volume: VolumeName, _ summary: String, by steps: [StepID]) {
    self.volume = volume
    self.summary = summary
    self.steps = steps
  }
}

extension BuiltFiles: Contributed {
  /// What messages call such a value.
  public static let kind = "built files"
  /// The volume, which no other built files may be in.
  public var names: [Reference] { [Reference(Self.kind, volume.rawValue)] }
  /// The volume and the steps.
  public var references: [Reference] { [.volume(volume)] + steps.map { .step($0) } }
}

extension Contribution {
  /// Files that steps of initialisation build in a volume.
  public static func builtFiles(_ value: BuiltFiles) -> Self { Self(value) }
}

extension Blueprint {
  /// All files that steps build, in the order of the components.
  public var builtFiles: [Owned<BuiltFiles>] { self[BuiltFiles.self] }
}
