public import DioptraModel
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// The parameters of an upgrade.
public struct UpgradeRequest: Sendable {
  /// The release of Dioptra to upgrade to; nil to keep the present one.
  public var release: String?
  /// Values to set, in canonical form.
  public var values: [VariableName: String]
  /// One-way migrations that are allowed without a backup.
  public var allowed: Set<MigrationID>
  /// How to resolve every conflict.
  public var choice: ConflictChoice
  /// How to resolve the conflict at one path.
  public var resolutions: [String: Resolution]

  /// By default, release and values stay, one-way migrations need a backup, and conflicts stop the upgrade.
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
