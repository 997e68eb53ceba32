internal import DioptraSystem

/// Files of a volume that the reverse proxy serves; see `ProxyLocation.Action.files`.
public struct ProxyFiles: Codable, Equatable, Sendable {
  /// The volume with the files; the proxy mounts it read-only.
  public var volume: VolumeName
  /// The path at which the proxy mounts the volume.
  public var root: String

  /// A volume, and the absolute path at which the proxy mounts it.
  public init(_ volume: VolumeName, at root: String) {
    self.volume = volume
    self.root = root
  }
}

extension ProxyFiles: Contributed {
  /// What messages call such a value.
  public static let kind = "folder of files for the proxy"
  /// Its path in the proxy, at which there may be no other volume.
  public var names: [Reference] { [Reference(Self.kind, root)] }
  /// The volume.
  public var references: [Reference] { [.volume(volume)] }
}

extension Contribution {
  /// Files of a volume that the reverse proxy serves.
  public static func proxyFiles(_ value: ProxyFiles) -> Self { Self(value) }
}

extension Blueprint {
  /// Every volume with files for the proxy, in the order of the components.
  public var proxyFiles: [Owned<ProxyFiles>] { self[ProxyFiles.self] }
}
