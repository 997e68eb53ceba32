internal import FoundationEssentials

extension DockerEngine {
  /// A volume as the engine's account of its disk shows it.
  private struct VolumeUse: Decodable {
    let name: String
    /// As people read it: `242.6kB`.
    let size: String

    enum CodingKeys: String, CodingKey {
      case name = "Name"
      case size = "Size"
    }
  }

  /// The bytes that the deployment's volumes take; nil when the engine does not tell within a few seconds.
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

/// Numbers of bytes as people write and read them: powers of 1000.
public enum ByteCount {
  private static let units = ["B", "kB", "MB", "GB", "TB"]

  /// `242600` of `242.6kB`; nil for something else.
  static func number(of text: String) -> Int? {
    let digits = text.prefix { $0.isNumber || $0 == "." }
    guard let value = Double(digits), let power = units.firstIndex(of: String(text.dropFirst(digits.count))) else {
      return nil
    }
    return Int((0..<power).reduce(value) { value, _ in value * 1000 })
  }

  /// `1.2 GB`.
  public static func words(_ bytes: Int) -> String {
    var value = bytes
    var rest = 0
    var power = 0
    while value >= 1000, power < units.count - 1 {
      rest = value % 1000
      value /= 1000
      power += 1
    }
    return power == 0 || value >= 100 ? "\(value) \(units[power])" : "\(value).\(rest / 100) \(units[power])"
  }
}
