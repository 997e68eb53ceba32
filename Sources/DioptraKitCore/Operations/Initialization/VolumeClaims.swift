internal import DioptraPlatform
internal import DioptraState

extension State.Claim {
  /// Whether the volume with that name is still the claimed one.
  func holds(for volume: VolumeFacts) -> Bool {
    volume.owner == nil && (createdAt == nil || createdAt == volume.createdAt)
  }
}

extension VolumeFacts {
  /// Identifies the volume, taking a claim of the deployment into account.
  func instance(_ claim: State.Claim?) -> String {
    guard let claim, !claim.holds(for: self), ownInstance == nil else { return instance }
    return "another one than was adopted"
  }
}
