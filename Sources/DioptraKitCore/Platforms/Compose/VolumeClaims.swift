internal import DioptraModel
internal import DioptraRendering
package import DioptraState
internal import DioptraSystem

extension State.Claim {
  /// Whether the volume of that name is still the one that was claimed.
  package func holds(for volume: DockerEngine.VolumeFacts) -> Bool {
    volume.labels?[DockerEngine.deploymentLabel] == nil && (createdAt == nil || createdAt == volume.createdAt)
  }
}

extension DockerEngine {
  /// Whether the time at which the engine says that a volume was made stays the same: before Docker 23 it moves with
  /// what is in the volume.
  package var tellsCreation: Bool { (Int(version.prefix { $0.isNumber }) ?? 0) >= 23 }
}

extension DockerEngine.VolumeFacts {
  /// Tells the volume from another one of the same name, where the deployment claims one.
  package func mark(_ claim: State.Claim?) -> String {
    guard let claim, !claim.holds(for: self), labels?[DockerEngine.volumeLabel] == nil else { return mark }
    return "another one than was adopted"
  }
}
