internal import DioptraSystem
internal import FoundationEssentials
internal import Glibc

/// The login that Docker's client keeps for a registry, in its settings or with a helper of its own.
struct RegistryLogin: Encodable {
  var username: String?
  var password: String?
  var identityToken: String?
  let server: String

  enum CodingKeys: String, CodingKey {
    case username, password
    case identityToken = "identitytoken"
    case server = "serveraddress"
  }

  /// The value of the header `X-Registry-Auth`.
  var header: String {
    get throws {
      try JSONEncoder().encode(self).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
    }
  }

  /// The relevant part of `config.json`.
  private struct Settings: Decodable {
    struct Entry: Decodable {
      let auth: String?
      let identitytoken: String?
    }
    let auths: [String: Entry]?
    let credsStore: String?
    let credHelpers: [String: String]?
  }

  private struct Answer: Decodable {
    let name: String
    let secret: String

    enum CodingKeys: String, CodingKey {
      case name = "Username"
      case secret = "Secret"
    }
  }

  /// What the settings call Docker's own registry.
  private static let ownRegistry = "https://index.docker.io/v1/"

  /// The login for an image's registry; nil if the client has none.
  ///
  /// - Parameter folder: The folder of the client's settings; nil for its default.
  static func find(for image: ImageReference, in folder: String? = nil) async -> RegistryLogin? {
    guard let folder = folder ?? defaultFolder,
      let bytes = Caller.inOwnName({ NamedFile.contents(atPath: "\(folder)/config.json") }),
      let settings = try? JSONDecoder().decode(Settings.self, from: Data(bytes))
    else { return nil }
    let server = image.registry ?? ownRegistry
    let host = image.registry ?? "index.docker.io"
    if let helper = settings.credHelpers?[host] ?? settings.credsStore {
      if let login = await ask(helper, for: server) { return login }
    }
    let entry = [server, host, "https://\(host)"].lazy.compactMap { settings.auths?[$0] }.first
    guard let entry else { return nil }
    if let token = entry.identitytoken, !token.isEmpty { return RegistryLogin(identityToken: token, server: server) }
    guard let data = entry.auth.flatMap({ Data(base64Encoded: $0) }) else { return nil }
    let parts = String(decoding: data, as: UTF8.self).split(separator: ":", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { return nil }
    return RegistryLogin(username: parts[0], password: parts[1], server: server)
  }

  /// Asks a helper, which reads the registry's name from its standard input.
  private static func ask(_ helper: String, for server: String) async -> RegistryLogin? {
    var question: [UInt8]? = Array(server.utf8)
    let command = ExternalCommand(arguments: ["docker-credential-\(helper)", "get"])
    let outcome = try? await command.reading {
      defer { question = nil }
      return question
    }
    guard let outcome, outcome.succeeded, let answer = try? outcome.decoded(Answer.self) else { return nil }
    if answer.name == "<token>" { return RegistryLogin(identityToken: answer.secret, server: server) }
    return RegistryLogin(username: answer.name, password: answer.secret, server: server)
  }

  private static var defaultFolder: String? {
    if let folder = getenv("DOCKER_CONFIG") { return String(cString: folder) }
    return getenv("HOME").map { "\(String(cString: $0))/.docker" }
  }
}
