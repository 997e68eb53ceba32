/// A folder that the reference template made, read for what it tells about its deployment.
public struct ReferenceFolder: Sendable {
  public let folder: ConfinedFolder
  /// The prefix of the names of services, volumes and files.
  public let slug: String
  /// Whether dioptra rendered the folder, and not the template.
  public let isOurs: Bool
  /// The networks without the prefix.
  public let networks: [String]
  private let services: [String: ReferenceService]
  private let initServices: [String: ReferenceService]
  private let overrides: [String: ReferenceService]

  static let composeFile = ComposeServices.file

  /// - Throws: `DioptraError` when it is no such folder, or its Compose file cannot be understood.
  init(_ folder: ConfinedFolder, isOurs: Bool) throws {
    self.folder = folder
    self.isOurs = isOurs
    guard let compose = try ReferenceCompose(Self.composeFile, in: folder), let slug = compose.slug else {
      throw DioptraError(
        "\(folder.path) is no deployment: it has no \(Self.composeFile) with a deployment's volumes",
        remedy: "Give the folder that the reference template made")
    }
    guard try folder.entry(Setting.file) != nil else {
      throw DioptraError(
        "\(folder.path) has no \(Setting.file): the deployment was never initialised, or the file is gone",
        remedy: "Bring it back; what was never initialised need not be adopted, `dioptra init` makes a new one")
    }
    self.slug = slug
    networks = compose.networks
    services = compose.services(prefix: "\(slug)-")
    initServices = try ReferenceCompose("docker-compose.init.yml", in: folder)?.services(prefix: "") ?? [:]
    overrides = try ReferenceCompose("docker-compose.override.yml", in: folder)?.services(prefix: "\(slug)-") ?? [:]
  }

  // MARK: Files

  /// The value of a line `NAME=value` of a file, without quotes around it; nil where the file or the line is not there.
  public func value(of name: String, in path: String) throws -> String? {
    try text(path).flatMap { Setting.value(of: name, in: $0) }
  }

  /// The characters of a file; nil where none is there.
  public func text(_ path: String) throws -> String? {
    guard case .file? = try folder.entry(path), let bytes = try folder.read(path) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// What follows a word on the first line of a file that begins with it; nil where there is none.
  public func rest(after word: String, in path: String) throws -> String? {
    try rests(after: word, in: path).first
  }

  /// What follows a word on each line of a file that begins with it.
  public func rests(after word: String, in path: String) throws -> [String] {
    (try text(path)?.split(whereSeparator: \.isNewline) ?? []).map { $0.trimming(" \t") }
      .filter { $0.hasPrefix(word) }.map { String($0.dropFirst(word.count).trimming(" \t;")) }
  }

  /// Whether a file is there.
  public func has(_ path: String) throws -> Bool {
    if case .file? = try folder.entry(path) { true } else { false }
  }

  // MARK: Services

  /// The names of the services of the running deployment, without the prefix, in order.
  public var serviceNames: [String] { services.keys.sorted() }

  /// A service of the running deployment; nil where there is none.
  public func service(_ name: String) -> ReferenceService? { services[name] }

  /// A service that exists only during initialisation; nil where there is none.
  public func initService(_ name: String) -> ReferenceService? { initServices[name] }

  /// What the user's override file says of a service; nil where it says nothing.
  public func override(_ name: String) -> ReferenceService? { overrides[name] }

  /// A service that the deployment cannot be without.
  ///
  /// - Throws: `DioptraError` where there is none.
  public func required(_ name: String) throws(DioptraError) -> ReferenceService {
    if let service = services[name] { return service }
    throw DioptraError(
      "\(Self.composeFile) has no service \(slug)-\(name), which the deployment cannot be without",
      remedy: "Bring the service back, then run the command again")
  }

  // MARK: Findings

  /// The image of a service as the value of a variable; nothing where the service has none.
  public func image(_ variable: VariableName, of service: ReferenceService?) -> [AdoptionFinding] {
    service?.image.map { [.variable(variable, $0)] } ?? []
  }

  /// The port of the host that leads to a container's; nothing where none does.
  public func port(_ variable: VariableName, to containerPort: Int) -> [AdoptionFinding] {
    let ports = services.values.flatMap(\.ports) + overrides.values.flatMap(\.ports)
    return ports.first { $0.containerPort == containerPort }.map { [.variable(variable, String($0.hostPort))] } ?? []
  }

  /// A secret at each of the places where it stands.
  public func secret(_ name: SecretName, at places: [SecretPlace]) throws -> [AdoptionFinding] {
    let found: [AdoptionFinding] = try places.compactMap { place in
      guard let text = try value(of: place.name, in: place.path), let value = place.form.value(in: text) else {
        return nil
      }
      return .secret(name, value, at: place.description)
    }
    return found.isEmpty ? [.absent(name, from: places.map(\.description))] : found
  }
}

extension SecretPlace.Form {
  /// The secret's value in the text of a line; nil where it does not stand there like this.
  func value(in text: String) -> String? {
    switch self {
    case .plain: return text.isEmpty ? nil : text
    case .after(let prefix):
      return text.hasPrefix(prefix) && text.count > prefix.count ? String(text.dropFirst(prefix.count)) : nil
    case .uriPassword:
      guard let start = text.range(of: "://")?.upperBound, let end = text[start...].lastIndex(of: "@"),
        let colon = text[start..<end].firstIndex(of: ":")
      else { return nil }
      let password = String(text[text.index(after: colon)..<end])
      return password.isEmpty ? nil : password.percentDecoded
    }
  }
}

extension StringProtocol {
  /// Without the given characters at either end.
  func trimming(_ characters: String) -> SubSequence {
    let start = drop { characters.contains($0) }
    var end = start
    while let last = end.last, characters.contains(last) { end = end.dropLast() }
    return end
  }

  /// The place of the first occurrence of a text.
  func range(of text: String) -> Range<Index>? { firstRange(of: text) }
}

extension String {
  /// With the bytes that percent signs stand for; as it is where they stand for none.
  var percentDecoded: String {
    var bytes: [UInt8] = []
    var rest = Array(utf8)[...]
    while let byte = rest.popFirst() {
      let digits = rest.prefix(2)
      if byte == UInt8(ascii: "%"), digits.count == 2,
        let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self) ?? self
  }
}
