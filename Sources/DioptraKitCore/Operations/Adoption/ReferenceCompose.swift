internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// A Compose file, read for what it tells. It may consist of several documents, which Compose puts together.
struct ReferenceCompose {
  private let documents: [YAMLValue]
  /// The deployment's prefix; nil where nothing has it.
  let slug: String?

  /// nil where the file is not there.
  ///
  /// - Throws: `DioptraError` when it is no YAML, with the line.
  init?(_ path: String, in folder: ConfinedFolder) throws {
    guard let entry = try folder.entry(path) else { return nil }
    guard case .file = entry, let bytes = try folder.read(path) else {
      throw DioptraError("\(path) is a \(entry.words)", remedy: "Put the file itself in its place")
    }
    do {
      documents = try YAMLText.documents(in: String(decoding: bytes, as: UTF8.self))
    } catch {
      throw DioptraError(
        "\(error.place(in: path)) is no YAML: \(error.problem)", remedy: "Correct it, then run the command again")
    }
    guard !documents.isEmpty else { return nil }
    slug = Self.slug(documents)
  }

  /// Volumes and networks have names of the prefix and their own key: what most of them begin with.
  private static func slug(_ documents: [YAMLValue]) -> String? {
    var counts: [String: Int] = [:]
    for root in documents {
      for section in ["volumes", "networks"] {
        for (key, value) in root[section]?.mapping ?? .init() {
          guard let key = key.string, let name = value["name"]?.string, name.hasSuffix("_\(key)") else {
            continue
          }
          counts[String(name.dropLast(key.count + 1)), default: 0] += 1
        }
      }
    }
    return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
  }

  /// The names of the networks in the file.
  var networks: [String] {
    documents.flatMap { $0["networks"]?.mapping?.keys.compactMap { $0.string } ?? [] }
  }

  /// The services whose name begins with a prefix, under the rest of it.
  ///
  /// - Parameter base: What other files say of them.
  func services(prefix: String, over base: [String: ReferenceService] = [:]) -> [String: ReferenceService] {
    var services = base
    for (key, value) in documents.flatMap({ $0["services"]?.mapping?.pairs ?? [] }) {
      guard let name = key.string, name.hasPrefix(prefix) else { continue }
      let short = String(name.dropFirst(prefix.count))
      let keys = value.mapping?.compactMap { key, value in value.isReplacement ? key.string : nil } ?? []
      services[short] = (services[short] ?? ReferenceService()).merging(ReferenceService(value), replacing: Set(keys))
    }
    return services
  }
}

extension ReferenceService {
  fileprivate init(_ node: YAMLValue) {
    // A name that follows from a setting is known to Compose only.
    image = node.told("image")?.string.flatMap { $0.contains("$") ? nil : $0.withTag }
    command = node.told("command")?.words ?? []
    healthCheck = node.told("healthcheck")?["test"]?.words ?? []
    ports = (node.told("ports")?.words ?? []).compactMap(Port.init)
    mounts = node.told("volumes")?.words ?? []
  }
}

extension ReferenceService.Port {
  /// `[ADDRESS:]HOST:CONTAINER[/tcp]`; nil for anything else.
  fileprivate init?(_ text: String) {
    let parts = text.prefix { $0 != "/" }.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count >= 2, let host = Int(parts[parts.count - 2]), let container = Int(parts[parts.count - 1]) else {
      return nil
    }
    self.init(hostPort: host, containerPort: container, address: parts.dropLast(2).joined(separator: ":"))
  }

  init(hostPort: Int, containerPort: Int, address: String) {
    self.init(
      hostPort: hostPort, containerPort: containerPort,
      isLocal: ["127.0.0.1", "localhost", "[::1]", "::1"].contains(address))
  }
}

extension YAMLValue {
  /// Whether the value takes the place of what other files say: `!reset`, `!override`.
  fileprivate var isReplacement: Bool { ["!reset", "!override"].contains(tag) }

  /// The value of a key; nil where it only takes away what other files say.
  fileprivate func told(_ key: String) -> YAMLValue? {
    guard let value = mapping?[key], value.tag != "!reset" else { return nil }
    return value
  }

  /// The scalars of a list, or the words of a scalar.
  fileprivate var words: [String] {
    if let sequence { return sequence.compactMap { $0.string } }
    return string?.split(separator: " ").map(String.init) ?? []
  }
}

extension String {
  /// An image's name without a tag means the tag `latest`.
  var withTag: String {
    let name = split(separator: "/").last ?? ""
    return name.contains(":") || contains("@") ? self : "\(self):latest"
  }
}
