internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraSystem

extension Engine {
  /// What the data in a volume say that they are; nil when there are none.
  ///
  /// - Parameter image: An image that is there, to look into the volume with.
  func dataFormat(_ format: DataFormat, of deployment: Deployment, image: String) async throws -> String? {
    let volume = deployment.volumeName(format.volume)
    guard try await volumes([volume])[volume] != nil else { return nil }
    let cell = Program.Cell(
      image: image, mounts: [VolumeMount(volume, at: "/data")], isRoot: false,
      deployment: deployment.context.identity.deployment)
    let found = try await run(Program(["cat", "/data/\(format.file)"], in: .alone(cell)), within: nil)
    guard found.hasRun else {
      throw DioptraError(
        .engineFailed, "the volume \(volume) cannot be read: \(found.errors.lastLine)", remedy: .checkEngine)
    }
    return found.succeeded ? found.output.split(whereSeparator: \.isWhitespace).first.map(String.init) : nil
  }

  /// The same, with whichever of the deployment's images is there; nil also where none is.
  func dataFormat(_ format: DataFormat, of deployment: Deployment) async throws -> String? {
    for image in try deployment.words([format.image]) + deployment.images() where try await missing([image]).isEmpty {
      return try await dataFormat(format, of: deployment, image: image)
    }
    return nil
  }
}
