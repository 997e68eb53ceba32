internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraSystem

extension Engine {
  /// The version of the data in a volume; nil if there are none.
  ///
  /// - Parameter image: An existing image, to read the volume with.
  func dataFormat(_ format: DataFormat, of deployment: Deployment, image: String) async throws -> String? {
    let volume = deployment.volumeName(format.volume)
    guard try await volumes([volume])[volume] != nil else { return nil }
    let sandbox = Program.Sandbox(
      image: image, mounts: [VolumeMount(volume, at: "/data")], isRoot: false,
      deployment: deployment.context.identity.deployment)
    let found = try await run(Program(["cat", "/data/\(format.file)"], in: .alone(sandbox)), within: nil)
    guard found.hasRun else {
      throw DioptraError(
        .engineFailed, "the volume \(volume) cannot be read: \(found.errors.lastLine)", remedy: .checkEngine)
    }
    return found.succeeded ? found.output.split(whereSeparator: \.isWhitespace).first.map(String.init) : nil
  }

  /// The same, with any of the deployment's images; nil also if none exists.
  func dataFormat(_ format: DataFormat, of deployment: Deployment) async throws -> String? {
    for image in try deployment.plainTexts([format.image]) + deployment.images()
    where try await missing([image]).isEmpty {
      return try await dataFormat(format, of: deployment, image: image)
    }
    return nil
  }
}
