internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

extension DeploymentView {
  /// The deployment as an upgrade to another release would make it.
  ///
  /// - Throws: `DioptraError` for a release to which it cannot be upgraded.
  func deployment(ofRelease release: String) throws -> Deployment {
    let identity = deployment.context.identity
    guard let version = try state?.appliedVersion() else {
      var file = file
      let accepted = try registry.components.flatMap(\.variables).named(Configuration.releaseVariable.rawValue)
        .accept(release)
      try file.moveRelease(from: deployment.configuration.release, to: accepted, registry: registry)
      return try Deployment(registry: registry, file: file, identity: identity)
    }
    let path = try UpgradePath(
      from: registry.baseline(of: version), file: file, registry: registry, request: UpgradeRequest(release: release))
    return try Deployment(in: Context(configuration: path.configuration, identity: identity))
  }
}
