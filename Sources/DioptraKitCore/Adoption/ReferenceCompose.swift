internal import Yams

/// A service of a Compose file, as far as it tells how a deployment was configured.
public struct ReferenceService: Equatable, Sendable {
  /// A port of the host that leads to one of the container.
  public struct Port: Equatable, Sendable {
    public let hostPort: Int
    public let containerPort: Int
    /// Whether only the host itself reaches it.
    public let isLocal: Bool
  }

  /// With its tag or digest.
  public let image: String?
  public let command: [String]
  public let healthCheck: [String]
  public let ports: [Port]
  /// In the short form: `source:target:mode`.
  public let mounts: [String]
}

/// A Compose file, read for what it tells.
struct ReferenceCompose {
  private let root: Node
  /// The deployment's prefix; nil where nothing has it.
  let slug: String?

  /// nil where the file is not there.
  ///
  /// - Throws: `DioptraError` when it is no YAML.
  init?(_ path: String, in folder: ConfinedFolder) throws {
    guard let entry = try folder.entry(path) else { return nil }
    guard case .file = entry, let bytes = try folder.read(path) else {
      throw DioptraError("\(path) is a \(entry.words)", remedy: "Put the file itself in its place")
    }
    do {
      let text = String(decoding: bytes, as: UTF8.self)
      guard let root = try YAMLText.tree(of: text, allowsAliases: true) else { return nil }
      self.root = root
    } catch {
      throw DioptraError("\(path) cannot be read: \(error.words)", remedy: "Correct it, then run the command again")
    }
    slug = Self.slug(root)
  }

  /// Volumes and networks have names of the prefix and their own key: what most of them begin with.
  private static func slug(_ root: Node) -> String? {
    var counts: [String: Int] = [:]
    for section in ["volumes", "networks"] {
      for (key, value) in root[section]?.mapping ?? [:] {
        guard let key = key.scalar?.string, let name = value["name"]?.scalar?.string, name.hasSuffix("_\(key)") else {
          continue
        }
        counts[String(name.dropLast(key.count + 1)), default: 0] += 1
      }
    }
    return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
  }

  /// The names of the networks in the file.
  var networks: [String] {
    root["networks"]?.mapping?.keys.compactMap { $0.scalar?.string } ?? []
  }

  /// The services whose name begins with a prefix, under the rest of it.
  func services(prefix: String) -> [String: ReferenceService] {
    var services: [String: ReferenceService] = [:]
    for (key, value) in root["services"]?.mapping ?? [:] {
      guard let name = key.scalar?.string, name.hasPrefix(prefix) else { continue }
      services[String(name.dropFirst(prefix.count))] = ReferenceService(value)
    }
    return services
  }
}

extension ReferenceService {
  fileprivate init(_ node: Node) {
    image = node["image"]?.scalar.map { $0.string.withTag }
    command = node["command"]?.words ?? []
    healthCheck = node["healthcheck"]?["test"]?.words ?? []
    ports = (node["ports"]?.words ?? []).compactMap(Port.init)
    mounts = node["volumes"]?.words ?? []
  }
}

extension ReferenceService.Port {
  /// `[ADDRESS:]HOST:CONTAINER[/tcp]`; nil for anything else.
  fileprivate init?(_ text: String) {
    let parts = text.prefix { $0 != "/" }.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count >= 2, let host = Int(parts[parts.count - 2]), let container = Int(parts[parts.count - 1]) else {
      return nil
    }
    let address = parts.dropLast(2).joined(separator: ":")
    self.init(
      hostPort: host, containerPort: container,
      isLocal: ["127.0.0.1", "localhost", "[::1]", "::1"].contains(address))
  }
}

extension Node {
  /// The scalars of a list, or the words of a scalar.
  fileprivate var words: [String] {
    if let sequence { return sequence.compactMap { $0.scalar?.string } }
    return scalar?.string.split(separator: " ").map(String.init) ?? []
  }
}

extension String {
  /// An image's name without a tag means the tag `latest`.
  fileprivate var withTag: String {
    let name = split(separator: "/").last ?? ""
    return name.contains(":") || contains("@") ? self : "\(self):latest"
  }
}
