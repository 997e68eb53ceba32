internal import DioptraModel
public import DioptraRendering
internal import DioptraSystem

extension DockerEngine {
  /// The engine's account of its disk usage.
  private struct DiskUse: Decodable {
    let volumes: [Volume]?

    struct Volume: Decodable {
      let name: String
      let use: Use?

      enum CodingKeys: String, CodingKey {
        case name = "Name"
        case use = "UsageData"
      }
    }

    struct Use: Decodable {
      /// Bytes; -1 where the engine cannot tell.
      let size: Int

      enum CodingKeys: String, CodingKey {
        case size = "Size"
      }
    }

    enum CodingKeys: String, CodingKey {
      case volumes = "Volumes"
    }
  }

  /// The total size of the deployment's volumes; nil if the engine does not report it within a few seconds.
  public func volumeBytes(of deployment: Deployment) async throws -> Int? {
    let found: DiskUse
    do {
      found = try await within(.seconds(5)) { try await ask("/system/df", [("type", "volume")]) }
    } catch is CancellationError {
      try Task.checkCancellation()
      return nil
    }
    let names = Set(deployment.blueprint.volumes.map { deployment.volumeName($0.name) })
    return (found.volumes ?? []).filter { names.contains($0.name) }.reduce(0) { $0 + max(0, $1.use?.size ?? 0) }
  }
}
