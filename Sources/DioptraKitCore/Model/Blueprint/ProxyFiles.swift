internal import DioptraSystem

/// Files of a volume that the reverse proxy serves; see `ProxyLocation.Action.files`.
public struct ProxyFiles: Codable, Equatable, Sendable {
  public var volume: VolumeName
  /// The path at which the proxy mounts the volume.
  public var root: String

  public init(_ volume: VolumeName, at root: String) {
    self.volume = volume
    self.root = root
  }
}

extension ProxyFiles: Contributed {
  public static let kind = "folder of files for the proxy"
  public var names: [Reference] { [Reference(Self.kind, root)] }
  public var references: [Reference] { [.volume(volume)] }
}

extension Contribution {
  /// Files of a volume that the reverse proxy serves.
  public static func proxyFiles(_ value: ProxyFiles) -> Self { Self(value) }
}

extension Blueprint {
  public var proxyFiles: [Owned<ProxyFiles>] { self[ProxyFiles.self] }
}
