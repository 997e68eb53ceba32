package import DioptraModel
package import DioptraRendering
internal import DioptraState
internal import DioptraSystem

extension DockerEngine {
  /// What the data in a volume say that they are; nil when there are none.
  ///
  /// - Parameter image: An image that is there, to look into the volume with.
  package func dataFormat(_ format: DataFormat, of deployment: Deployment, image: String) async throws -> String? {
    let volume = deployment.volumeName(format.volume)
    guard try await volumes([volume])[volume] != nil else { return nil }
    let label = "\(Self.deploymentLabel)=\(deployment.context.identity.deployment)"
    let found = try await docker([
      "run", "--rm", "--network", "none", "--pull", "never", "--label", label, "--volume", "\(volume):/data:ro",
      "--entrypoint", "cat", image, "/data/\(format.file)",
    ]).outcome()
    // Docker's own failures have statuses from 125 on; below, `cat` found no file.
    guard found.status < 125 else {
      throw DioptraError(
        "the volume \(volume) cannot be looked into: \(found.errors.lastLine)",
        remedy: "Check that the Docker engine is well")
    }
    return found.succeeded ? found.output.split(whereSeparator: \.isWhitespace).first.map(String.init) : nil
  }

  /// The same, with whichever of the deployment's images is there; nil also where none is.
  package func dataFormat(_ format: DataFormat, of deployment: Deployment) async throws -> String? {
    for image in try deployment.words([format.image]) + deployment.images() where try await missing([image]).isEmpty {
      return try await dataFormat(format, of: deployment, image: image)
    }
    return nil
  }
}
