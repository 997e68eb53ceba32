internal import DioptraSystem

/// The URL of a proxy that services reach the world outside through.
///
/// `dioptra.yaml` is committed and remembered, so that no password may be in it: a name in its place, `${NAME}`, stands
/// for the line of the deployment's settings that has it.
package enum ProxyAddress {
  /// The settings that a URL names, such as `PROXY_PASSWORD` for `http://me:${PROXY_PASSWORD}@proxy.example:3128`.
  package static func settings(in address: String) -> [String] {
    EnvironmentInterpolation.references(in: address).map(\.name)
  }

  /// A URL without what may be a password, for output. Names of settings stay.
  package static func shown(_ address: String) -> String {
    guard let at = address.lastIndex(of: "@") else { return address }
    let scheme = address.range(of: "://").flatMap { end in
      address[..<end.lowerBound].allSatisfy(\.isASCIILetter) ? end.upperBound : nil
    }
    let start = scheme ?? address.startIndex
    guard start > at || !isNamed(address[start..<at]) else { return address }
    return address[..<start] + "‹hidden›" + address[at...]
  }

  /// Whether a URL's host is whatever host asks for it.
  package static func isOnOwnHost(_ address: String) -> Bool {
    let start = address.lastIndex(of: "@").map { address.index(after: $0) } ?? address.range(of: "://")?.upperBound
    let host = address[(start ?? address.startIndex)...].lowercased()
    return ["localhost", "127.", "[::1]"].contains { host.hasPrefix($0) } && !host.hasPrefix("localhost.")
  }

  /// Whether a URL's part before `@` is a name, a colon and the name of a setting, or only settings.
  fileprivate static func isNamed(_ user: Substring) -> Bool {
    let parts = user.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let isUser = parts.count == 2 && String(parts[0]).consists { $0.isASCIIAlphanumeric || "._~%+-".contains($0) }
    return (isUser || isSetting(parts[0])) && (parts.count == 1 || isSetting(parts[1]))
  }

  private static func isSetting(_ text: Substring) -> Bool {
    guard text.hasPrefix("${"), text.hasSuffix("}") else { return false }
    let name = String(text.dropFirst(2).dropLast())
    return name.consists { $0.isASCIIAlphanumeric || $0 == "_" } && name.first?.isASCIIDigit == false
  }
}

extension VariableType {
  /// The URL of a proxy, or nothing; see `ProxyAddress`. A refused value is not shown, because it may hold a password.
  public static let proxy = VariableType("proxy") { value in
    guard !value.isEmpty else { return .success("") }
    let shape = Fault("is no URL of a proxy", remedy: "It must be a URL such as http://proxy.example.org:3128")
    guard let scheme = ["http://", "https://"].first(where: value.lowercased().hasPrefix) else {
      return .failure(shape)
    }
    let rest = value.dropFirst(scheme.count)
    let at = rest.lastIndex(of: "@")
    let behind = at.map { rest[rest.index(after: $0)...] } ?? rest
    let host = String(behind.hasSuffix("/") ? behind.dropLast() : behind)
    guard host.isProxyHost else { return .failure(shape) }
    if let at, !ProxyAddress.isNamed(rest[..<at]) {
      return .failure(
        Fault(
          "cannot hold a user and a password: \(ConfigurationFile.name) is no place for secrets",
          remedy:
            "Write \(scheme)USER:${PROXY_PASSWORD}@\(host), and PROXY_PASSWORD=… on a line of \(edit: Setting.file)"))
    }
    return .success(scheme + (at.map { rest[...$0] } ?? "") + host)
  }
}

extension String {
  fileprivate var isProxyHost: Bool {
    guard !isHost else { return true }
    guard isHostWithOptionalPort, let colon = lastIndex(of: ":"), let port = Int(self[index(after: colon)...]) else {
      return false
    }
    return (1...65_535).contains(port)
  }
}
