internal import DioptraPlatform
internal import DioptraState

extension State.Claim {
  /// Whether the volume of that name is still the one that was claimed.
  func holds(for volume: VolumeFacts) -> Bool {
    volume.owner == nil && (createdAt == nil || createdAt == volume.createdAt)
  }
}

extension VolumeFacts {
  /// Tells the volume from another one of the same name, where the deployment claims one.
  func instance(_ claim: State.Claim?) -> String {
    guard let claim, !claim.holds(for: self), ownInstance == nil else { return instance }
    return "another one than was adopted"
  }
}
