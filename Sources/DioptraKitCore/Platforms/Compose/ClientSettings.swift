package import DioptraPlatform
internal import DioptraSystem
internal import FoundationEssentials
internal import Glibc

/// The settings of Docker's client that reach into containers.
package struct ClientSettings: Decodable {
  private struct Proxies: Decodable {
    let httpProxy: String?
    let httpsProxy: String?
    let allProxy: String?
    let noProxy: String?
  }

  private let proxies: [String: Proxies]?

  /// The proxies for an engine at an address, or for all that have none of their own; nil without any.
  package static func proxies(in json: [UInt8], for address: String, source: String) -> ClientProxies? {
    guard let settings = try? JSONDecoder().decode(ClientSettings.self, from: Data(json)),
      let found = settings.proxies?[address] ?? settings.proxies?["default"]
    else { return nil }
    func text(_ value: String?) -> String? { value.flatMap { $0.isEmpty ? nil : $0 } }
    let (http, https, other) = (text(found.httpProxy), text(found.httpsProxy), text(found.allProxy))
    guard http != nil || https != nil || other != nil else { return nil }
    let exceptions = (found.noProxy ?? "").split { $0 == "," || $0 == " " }.map(String.init)
    return ClientProxies(source: source, http: http, https: https, other: other, exceptions: exceptions)
  }

  /// Those of the client that this process would run.
  static func proxies() -> ClientProxies? {
    guard let place = RegistryLogin.defaultFolder,
      let json = Caller.inOwnName({ NamedFile.contents(atPath: "\(place)/\(file)") })
    else { return nil }
    let address = getenv("DOCKER_HOST").map { String(cString: $0) } ?? ""
    return proxies(
      in: json, for: address.isEmpty ? "unix:///var/run/docker.sock" : address,
      source: "Docker's client (\(place)/\(file))")
  }

  private static let file = "config.json"
}
