internal import DioptraModel
internal import DioptraSystem

/// A Compose file, read for what it tells. It may consist of several documents, which Compose puts together.
struct ComposeReference {
  private let documents: [YAMLValue]
  /// The deployment's prefix; nil if nothing has one.
  let slug: String?

  /// nil if there is no file.
  ///
  /// - Throws: `DioptraError` with the line if it is not YAML.
  init?(_ path: String, in folder: ConfinedFolder) throws {
    guard let entry = try folder.entry(path) else { return nil }
    guard case .file = entry, let bytes = try folder.read(path) else {
      throw DioptraError(.fileUnsuitable, "\(path) is a \(entry.text)", remedy: "Put the file itself in its place")
    }
    do {
      documents = try YAMLText.documents(in: String(decoding: bytes, as: UTF8.self))
    } catch {
      throw DioptraError(
        .projectInvalid, "\(error.place(in: path)) is not YAML: \(error.problem)",
        remedy: "Correct \(edit: path), then run the command again")
    }
    guard !documents.isEmpty else { return nil }
    slug = Self.slug(documents)
  }

  /// Names of volumes and networks consist of the prefix and their own key: the most frequent prefix.
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

  /// The services whose names begin with a prefix, without it.
  ///
  /// - Parameter base: What other files say about them.
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
    self.init()
    // A name that follows from a setting is known to Compose only.
    image = node.told("image")?.string.flatMap { $0.contains("$") ? nil : $0.withTag }
    command = node.told("command")?.strings ?? []
    healthCheck = node.told("healthcheck")?["test"]?.strings ?? []
    ports = (node.told("ports")?.strings ?? []).compactMap(Port.init)
    mounts = node.told("volumes")?.strings ?? []
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
}

extension YAMLValue {
  /// Whether the value replaces that of other files: `!reset`, `!override`.
  fileprivate var isReplacement: Bool { ["!reset", "!override"].contains(tag) }

  /// The value of a key; nil if it only removes that of other files.
  fileprivate func told(_ key: String) -> YAMLValue? {
    guard let value = mapping?[key], value.tag != "!reset" else { return nil }
    return value
  }

  /// The scalars of a list, or the parts of a scalar.
  fileprivate var strings: [String] {
    if let sequence { return sequence.compactMap { $0.string } }
    return string?.split(separator: " ").map(String.init) ?? []
  }
}

extension ReferenceService {
  /// With what another file says of the service, as Compose puts files together.
  fileprivate func merging(_ other: ReferenceService, replacing replaced: Set<String> = []) -> ReferenceService {
    var merged = self
    if let image = other.image { merged.image = image }
    if !other.command.isEmpty || replaced.contains("command") { merged.command = other.command }
    if !other.healthCheck.isEmpty || replaced.contains("healthcheck") { merged.healthCheck = other.healthCheck }
    merged.ports = (replaced.contains("ports") ? [] : ports) + other.ports
    merged.mounts = (replaced.contains("volumes") ? [] : mounts) + other.mounts
    return merged
  }
}

extension ReferenceProject {
  /// - Parameter answer: What Compose says that all files together are; without it the user's own is read here.
  /// - Returns: nil for a folder that is no deployment.
  /// - Throws: `DioptraError` where a file cannot be understood.
  init?(in folder: ConfinedFolder, merged answer: [String: ReferenceService]?) throws {
    guard let compose = try ComposeReference(ComposeDialect.file, in: folder), let slug = compose.slug else {
      return nil
    }
    let prefix = "\(slug)-"
    let main = compose.services(prefix: prefix)
    let merged: [String: ReferenceService]
    if let answer {
      merged = Dictionary(
        uniqueKeysWithValues: answer.filter { $0.key.hasPrefix(prefix) }.map {
          (String($0.key.dropFirst(prefix.count)), $0.value)
        })
    } else {
      merged = try ComposeReference(ComposeDialect.ownFile, in: folder)?.services(prefix: prefix, over: main) ?? main
    }
    self.init(
      slug: slug, networks: compose.networks,
      services: Dictionary(
        uniqueKeysWithValues: main.map { name, service in
          var service = service
          if let image = merged[name]?.image, image != service.image { service.overridingImage = image }
          return (name, service)
        }),
      merged: merged,
      initServices: try ComposeReference(ComposeDialect.initFile, in: folder)?.services(prefix: "") ?? [:])
  }
}
