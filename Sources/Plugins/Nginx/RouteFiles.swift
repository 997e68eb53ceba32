import DioptraKitCore

/// The routes as configuration files: `http_<name>.conf` and `https_<name>.conf` for servers, `stream_<name>.conf` for
/// TCP ports.
struct RouteFiles {
  let blueprint: Blueprint
  let context: Context

  func contributions() throws -> [Contribution] {
    let names = blueprint.proxyServers.reduce(into: [String]()) { names, server in
      if !names.contains(server.file) { names.append(server.file) }
    }
    return names.flatMap { name in
      [
        file("config/nginx/http_\(name).conf", Templates.serversConf, ["servers": .list(servers(name, tls: false))]),
        file("config/nginx/https_\(name).conf", Templates.serversConf, ["servers": .list(servers(name, tls: true))]),
      ]
    }
      + blueprint.proxyStreams.map { stream in
        file(
          "config/nginx/stream_\(stream.file).conf", Templates.streamConf,
          [
            "summary": .text(Text(stream.summary)), "name": .text(Text(stream.file)),
            "port": "\(stream.port)", "target": "\(endpoint: stream.target)", "timeout": .text(stream.idleTimeout),
          ])
      }
  }

  private func file(_ path: String, _ template: Template, _ values: [String: TemplateValue]) -> Contribution {
    .file(FolderFile(path, .template(template, values)))
  }

  private func servers(_ file: String, tls: Bool) -> [[String: TemplateValue]] {
    blueprint.proxyServers.map(\.value).filter { $0.file == file }.map { server in
      let locations = blueprint.proxyLocations.map(\.value).filter { $0.server == server.name }
      return [
        "summary": .text(Text(server.summary)),
        "tls": .flag(tls),
        "redirects": .flag(tls && server.tlsPort != nil),
        "plain_port": "\(server.port)",
        "port": "\(tls ? server.tlsPort ?? server.port : server.port)",
        "is_default": .flag(server.isDefault),
        "redirect_port": .text(redirectPort(server)),
        "has_body_size": .flag(server.maxBodySize != nil),
        "body_size": .text(server.maxBodySize ?? ""),
        "is_streaming": .flag(server.isStreaming),
        "has_connect_timeout": .flag(server.connectTimeout != nil),
        "connect_timeout": "\(server.connectTimeout ?? 0)",
        "headers": .list(
          (server.headers ?? []).map { header in
            ["name": .text(Text(header.name)), "value": .text(Text(header.value.isEmpty ? "\"\"" : header.value))]
          }),
        "has_headers": .flag(server.headers != nil),
        "locations": .list(locations.map(location)),
      ]
    }
  }

  /// Empty if the browser's default applies.
  private func redirectPort(_ server: ProxyServer) -> Text {
    guard let port = server.tlsHostPort, port.characters != "443" else { return "" }
    return ":\(port)"
  }

  private func location(_ location: ProxyLocation) -> [String: TemplateValue] {
    var values: [String: TemplateValue] = [
      "match": .text(Text(location.match.directive)),
      "is_files": .flag(false), "root": "", "fallback": "", "target": "", "rewrite": "", "has_rewrite": .flag(false),
    ]
    switch location.action {
    case .files(let root, let fallback):
      values["is_files"] = .flag(true)
      values["root"] = .text(Text(root))
      values["fallback"] = .text(Text(fallback))
    case .pass(let endpoint):
      values["target"] = "\(endpoint: endpoint)"
    case .passReplacing(let endpoint, let replacement):
      values["target"] = "\(endpoint: endpoint)"
      values["has_rewrite"] = .flag(true)
      values["rewrite"] = .text(Text(location.match.rewrite(to: replacement)))
    }
    return values
  }
}

extension ProxyLocation.Match {
  fileprivate var directive: String {
    switch self {
    case .prefix(let path): path
    case .priorityPrefix(let path): "^~ \(path)"
    case .exact(let path): "= \(path)"
    }
  }

  fileprivate func rewrite(to replacement: String) -> String {
    switch self {
    case .prefix(let path), .priorityPrefix(let path): "^\(path.replacing(".", with: "\\."))(.*)$ \(replacement)$1"
    case .exact: "^ \(replacement)"
    }
  }
}
