internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import Yams

/// A Compose file, read for what it tells. It may consist of several documents, which Compose puts together.
struct ReferenceCompose {
  private let documents: [Node]
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
      documents = try ComposeDocuments.all(in: String(decoding: bytes, as: UTF8.self))
    } catch {
      let place = error.place.map { ", line \($0.line), is no YAML: \($0.problem)" } ?? " is no YAML"
      throw DioptraError(path + place, remedy: "Correct it, then run the command again")
    }
    guard !documents.isEmpty else { return nil }
    slug = Self.slug(documents)
  }

  /// Volumes and networks have names of the prefix and their own key: what most of them begin with.
  private static func slug(_ documents: [Node]) -> String? {
    var counts: [String: Int] = [:]
    for root in documents {
      for section in ["volumes", "networks"] {
        for (key, value) in root[section]?.mapping ?? [:] {
          guard let key = key.scalar?.string, let name = value["name"]?.scalar?.string, name.hasSuffix("_\(key)") else {
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
    documents.flatMap { $0["networks"]?.mapping?.keys.compactMap { $0.scalar?.string } ?? [] }
  }

  /// The services whose name begins with a prefix, under the rest of it.
  ///
  /// - Parameter base: What other files say of them.
  func services(prefix: String, over base: [String: ReferenceService] = [:]) -> [String: ReferenceService] {
    var services = base
    for (key, value) in documents.flatMap({ Array($0["services"]?.mapping ?? [:]) }) {
      guard let name = key.scalar?.string, name.hasPrefix(prefix) else { continue }
      let short = String(name.dropFirst(prefix.count))
      let keys = value.mapping?.compactMap { key, value in value.isReplacement ? key.scalar?.string : nil } ?? []
      services[short] = (services[short] ?? ReferenceService()).merging(ReferenceService(value), replacing: Set(keys))
    }
    return services
  }
}

extension ReferenceService {
  fileprivate init(_ node: Node) {
    // A name that follows from a setting is known to Compose only.
    image = node.told("image")?.scalar.flatMap { $0.string.contains("$") ? nil : $0.string.withTag }
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

extension Node {
  /// Whether the value takes the place of what other files say: `!reset`, `!override`.
  fileprivate var isReplacement: Bool { ["!reset", "!override"].contains(tag.description) }

  /// The value of a key; nil where it only takes away what other files say.
  fileprivate func told(_ key: String) -> Node? {
    guard let value = mapping?[key], value.tag.description != "!reset" else { return nil }
    return value
  }

  /// The scalars of a list, or the words of a scalar.
  fileprivate var words: [String] {
    if let sequence { return sequence.compactMap { $0.scalar?.string } }
    return scalar?.string.split(separator: " ").map(String.init) ?? []
  }
}

extension Error {
  /// Where a text is no YAML, and why.
  fileprivate var place: (line: Int, problem: String)? {
    switch self as? YamlError {
    case .scanner(_, let problem, let mark, _)?, .parser(_, let problem, let mark, _)?,
      .composer(_, let problem, let mark, _)?:
      (mark.line, problem)
    default: nil
    }
  }
}

extension String {
  /// An image's name without a tag means the tag `latest`.
  var withTag: String {
    let name = split(separator: "/").last ?? ""
    return name.contains(":") || contains("@") ? self : "\(self):latest"
  }
}
