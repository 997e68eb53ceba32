internal import DioptraModel
public import DioptraRendering
internal import DioptraSystem
internal import FoundationEssentials

extension DockerEngine {
  /// A volume in the engine's account of its disk usage.
  private struct VolumeUse: Decodable {
    let name: String
    /// Human-readable: `242.6kB`.
    let size: String

    enum CodingKeys: String, CodingKey {
      case name = "Name"
      case size = "Size"
    }
  }

  /// The total size of the deployment's volumes; nil if the engine does not report it within a few seconds.
  public func volumeBytes(of deployment: Deployment) async throws -> Int? {
    let found: ExternalCommand.Outcome
    do {
      found = try await docker(["system", "df", "--verbose", "--format", "{{json .Volumes}}"]).outcome(within: 5)
    } catch is CancellationError {
      try Task.checkCancellation()
      return nil
    }
    guard let uses = try? JSONDecoder().decode([VolumeUse].self, from: Data(found.output.utf8)) else { return nil }
    let names = Set(deployment.blueprint.volumes.map { deployment.volumeName($0.name) })
    return uses.filter { names.contains($0.name) }.compactMap { ByteCount.number(of: $0.size) }.reduce(0, +)
  }
}
