public import DioptraModel
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// What a person asks of an upgrade.
public struct UpgradeRequest: Sendable {
  /// The release of Dioptra to move to; nil to stay.
  public var release: String?
  /// Values to choose, in their canonical form.
  public var values: [VariableName: String]
  /// One-way migrations that are wanted although there is no backup.
  public var allowed: Set<MigrationID>
  /// What to do with every conflict.
  public var choice: ConflictChoice
  /// What to do with the conflict at one path.
  public var resolutions: [String: Resolution]

  public init(
    release: String? = nil, values: [VariableName: String] = [:], allowed: Set<MigrationID> = [],
    choice: ConflictChoice = .stop, resolutions: [String: Resolution] = [:]
  ) {
    self.release = release
    self.values = values
    self.allowed = allowed
    self.choice = choice
    self.resolutions = resolutions
  }
}
