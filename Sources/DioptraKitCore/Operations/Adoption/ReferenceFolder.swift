package import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
public import DioptraSystem

/// A folder made by the reference template, read for adoption.
public struct ReferenceFolder: Sendable {
  /// The folder that was read.
  public let folder: ConfinedFolder
  /// The prefix of the names of services, volumes and files.
  public let slug: String
  /// Whether dioptra rendered the folder, not the template.
  public let isOurs: Bool
  /// The networks without the prefix.
  public let networks: [String]
  private let services: [String: ReferenceService]
  private let initServices: [String: ReferenceService]
  private let merged: [String: ReferenceService]

  /// The settings in `.env`.
  private let settings: EnvironmentText
  private let words: PlatformWords

  /// - Parameter answer: What the platform says that all files together are; without it the user's override is read
  ///   here.
  /// - Throws: `DioptraError` when it is no such folder, or its files cannot be understood.
  init(
    _ folder: ConfinedFolder, in dialect: any PlatformDialect, isOurs: Bool,
    answer: [String: ReferenceService]? = nil
  ) throws {
    self.folder = folder
    self.isOurs = isOurs
    words = dialect.words
    guard let project = try dialect.referenceProject(in: folder, merged: answer) else {
      throw DioptraError(
        .deploymentNotFound,
        "\(folder.path) is not a deployment: it has no \(words.file) with a deployment's volumes",
        remedy: "Give the folder that the reference template made")
    }
    guard case .file? = try folder.entry(Setting.file), let bytes = try folder.read(Setting.file) else {
      throw DioptraError(
        .environmentInvalid,
        "\(folder.path) has no \(Setting.file): the deployment was never initialised, or the file is gone",
        remedy: "Bring \(edit: Setting.file) back",
        "If it was never initialised, make a new deployment with \(dioptra: "init")")
    }
    slug = project.slug
    settings = try EnvironmentText(bytes, path: Setting.file)
    networks = project.networks
    services = project.services
    merged = project.merged
    initServices = project.initServices
  }

  // MARK: Files

  /// The value of a line `NAME=value` as the file's reader sees it; nil if there is no file or line.
  ///
  /// - Throws: `DioptraError` that names the line if its value is uncertain.
  package func value(of name: String, in path: String) throws -> String? {
    try values(of: name, in: path).first
  }

  /// The same for several lines, since programs may read different ones.
  private func values(of name: String, in path: String) throws -> [String] {
    guard path != Setting.file else { return try settings.value(of: name, path: path).map { [$0] } ?? [] }
    guard case .file? = try folder.entry(path), let bytes = try folder.read(path) else { return [] }
    if path.hasPrefix("secrets/") { return PlainLines(bytes).values(of: name) }
    return try EnvironmentText(bytes, path: path, outer: settings.values).value(of: name, path: path).map { [$0] } ?? []
  }

  /// What a person should know about how the platform reads the settings, in sentences.
  var settingNotes: [String] {
    settings.blanks.map { line, name in
      "\(Setting.file), line \(line), refers to $\(name), which no line before it sets: "
        + "\(words.reader) puts nothing in its place"
    }
  }

  /// The characters of a file; nil if there is none.
  package func text(_ path: String) throws -> String? {
    guard case .file? = try folder.entry(path), let bytes = try folder.read(path) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// What follows a text on the first line that begins with it; nil if there is none.
  package func rest(after word: String, in path: String) throws -> String? {
    try rests(after: word, in: path).first
  }

  /// What follows a text on each line that begins with it.
  package func rests(after word: String, in path: String) throws -> [String] {
    (try text(path)?.split(whereSeparator: \.isNewline) ?? []).map { $0.trimming(" \t") }
      .filter { $0.hasPrefix(word) }.map { String($0.dropFirst(word.count).trimming(" \t;")) }
  }

  /// Whether a file exists.
  package func has(_ path: String) throws -> Bool {
    if case .file? = try folder.entry(path) { true } else { false }
  }

  // MARK: Services

  /// The services of the running deployment, without the prefix, sorted.
  public var serviceNames: [String] { services.keys.sorted() }

  /// A service of the running deployment; nil if there is none.
  package func service(_ name: String) -> ReferenceService? { services[name] }

  /// A service that exists only during initialisation; nil if there is none.
  package func initService(_ name: String) -> ReferenceService? { initServices[name] }

  /// A service, merged with the user's override file; nil if there is none.
  package func merged(_ name: String) -> ReferenceService? { merged[name] }

  /// A required service.
  ///
  /// - Throws: `DioptraError` if there is none.
  package func required(_ name: String) throws(DioptraError) -> ReferenceService {
    if let service = services[name] { return service }
    throw DioptraError(
      .projectInvalid, "\(words.file) has no service \(slug)-\(name), which the deployment needs",
      remedy: "Bring the service back, then run the command again")
  }

  // MARK: Findings

  /// The image of a service as the value of a variable; empty if it has none.
  package func image(_ variable: VariableName, of service: ReferenceService?) -> [AdoptionFinding] {
    (service?.overridingImage ?? service?.image).map { [.variable(variable, $0)] } ?? []
  }

  /// The port of the host for a container's port; empty if there is none.
  package func port(_ variable: VariableName, to containerPort: Int) -> [AdoptionFinding] {
    let ports = merged.sorted { $0.key < $1.key }.flatMap(\.value.ports)
    return ports.first { $0.containerPort == containerPort }.map { [.variable(variable, String($0.hostPort))] } ?? []
  }

  /// A secret in each of its places.
  package func secret(_ name: SecretName, at places: [SecretPlace]) throws -> [AdoptionFinding] {
    let found: [AdoptionFinding] = try places.flatMap { place in
      try values(of: place.name, in: place.path).compactMap { text in
        guard let value = place.form.value(in: text) else { return nil }
        try place.check(value)
        return .secret(name, value, at: place.description)
      }
    }
    return found.isEmpty ? [.absent(name, from: places.map(\.description))] : found
  }
}

extension SecretPlace {
  /// - Throws: `DioptraError` for a value that cannot be written back everywhere.
  fileprivate func check(_ value: String) throws(DioptraError) {
    if value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
      throw DioptraError(
        .secretInvalid,
        "the secret at \(description) has a line break or another control character, which dioptra does not take",
        remedy: "Change it to one of visible characters, also in the program that uses it")
    }
    if case .after(let prefix) = form, !EnvironmentSpelling.isPlain(value) {
      throw DioptraError(
        .secretInvalid,
        "what follows \(prefix) at \(description) is not a key: it has characters that base64 does not have",
        remedy: "Correct the line, then run the command again")
    }
  }
}

extension SecretPlace.Form {
  /// The secret's value in the text of a line; nil if it does not appear there in this form.
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
