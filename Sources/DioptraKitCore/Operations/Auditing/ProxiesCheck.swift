internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraSystem

/// Which proxies containers see, and from where.
struct ProxiesCheck: HostCheck {
  let title = "proxies"

  func findings(in host: HostContext) throws -> [CheckFinding] {
    let proxies = OutsideProxies(host.blueprint, in: host.deployment.context)
    guard proxies.isChosen || host.clientProxies != nil else { return [] }
    return Self.views(host.blueprint, proxies, host.clientProxies)
      + Self.unreachable(
        proxies.isChosen
          ? [proxies.http.visible, proxies.https.visible]
          : [host.clientProxies?.http, host.clientProxies?.https, host.clientProxies?.other].compactMap(\.self))
      + (host.clientProxies.map { Self.warnings(proxies, $0) } ?? [])
  }

  /// What each kind of service sees.
  private static func views(
    _ blueprint: Blueprint, _ proxies: OutsideProxies, _ client: ClientProxies?
  ) -> [CheckFinding] {
    let services = (blueprint.services + blueprint.initServices).map(\.value).filter { proxies.view(of: $0) != .none }
    guard !services.isEmpty else { return [.ok("no service reaches outside, and none gets a proxy")] }
    let inside = services.filter { $0.connection == .deployment }
    let apart = services.filter { $0.connection != .deployment }
    // The same for all but for the service's own name.
    let exceptions =
      services.first.map { proxies.exceptions(of: $0).visible.split(separator: ",").map(String.init) } ?? []
    var findings: [CheckFinding]
    if proxies.isChosen {
      let address = "\(text(proxies.http.visible, proxies.https.visible)) from \(ConfigurationFile.name)"
      findings = finding(services, address, exceptions)
    } else {
      // What is given to a container apart from the others is left to the client.
      let address = "\(text(client?.http, client?.https, client?.other)) from \(client?.source ?? "")"
      findings = finding(inside, address, exceptions) + finding(apart, address, client?.exceptions ?? [])
    }
    findings.append(.ok("all other services get none, and no health check uses one"))
    return findings
  }

  private static func finding(_ services: [Service], _ address: String, _ exceptions: [String]) -> [CheckFinding] {
    let names = services.map(\.name.rawValue).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    guard !names.isEmpty else { return [] }
    let hosts = exceptions.isEmpty ? "" : ", except for \(exceptions.joined(separator: ", "))"
    return [.ok("\(shortened(names)) \(names.count == 1 ? "gets" : "get") the proxy \(address)\(hosts)")]
  }

  /// A proxy that listens only where no container gets.
  private static func unreachable(_ addresses: [String]) -> [CheckFinding] {
    let own = addresses.first { ProxyAddress.isOnOwnHost($0) }
    return own.map { address in
      [
        .warning(
          "no container reaches the proxy \(ProxyAddress.shown(address)), because it is the container itself there",
          remedy: "Let the proxy listen on another address of this host, and name that one")
      ]
    } ?? []
  }

  /// Where the user's choice and the client's settings do not agree.
  private static func warnings(_ proxies: OutsideProxies, _ client: ClientProxies) -> [CheckFinding] {
    let own = proxies.ownExceptions.visible.split(separator: ",").map(String.init)
    let lacking = client.exceptions.filter { !own.contains($0) && !Self.always.contains($0) }
    var findings: [CheckFinding] = []
    if proxies.isChosen, proxies.http.visible != client.http ?? "" || proxies.https.visible != client.https ?? "" {
      findings.append(
        .warning(
          "\(client.source) has another proxy, \(text(client.http, client.https, client.other)), which no service gets",
          remedy: "Set \(set: "\(OutsideProxies.httpVariable)") to the same, or leave it empty to use the client's"))
    }
    if !lacking.isEmpty {
      let all = (own + lacking).joined(separator: ",")
      findings.append(
        .warning(
          "\(client.source) reaches \(lacking.joined(separator: ", ")) without a proxy, and services use one",
          remedy:
            "Run \(dioptra: "config", "set", "\(OutsideProxies.exceptionsVariable)=\(all)"), then \(dioptra: "init")"
        ))
    }
    return findings
  }

  /// What services reach without a proxy whatever the user chose.
  private static let always: Set = ["localhost", "127.0.0.1", "::1", "127.0.0.0/8"]

  /// The URLs without passwords, each with what it is for.
  private static func text(_ http: String?, _ https: String?, _ other: String? = nil) -> String {
    let (http, https, other) = (shown(http), shown(https), shown(other))
    if let http, http == https { return http }
    let parts = [("HTTP", http), ("HTTPS", https), ("other connections", other)].compactMap { use, url in
      url.map { "\($0) for \(use)" }
    }
    return parts.joined(separator: " and ")
  }

  private static func shown(_ url: String?) -> String? {
    url.flatMap { $0.isEmpty ? nil : ProxyAddress.shown($0) }
  }

  /// How many services are named.
  private static let shown = 6

  private static func shortened(_ names: [String]) -> String {
    let first = names.prefix(shown).joined(separator: ", ")
    let more = names.count - shown
    return more > 0 ? "\(first) and \(more) more \(more == 1 ? "service" : "services")" : first
  }
}
