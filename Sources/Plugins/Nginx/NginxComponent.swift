package import DioptraKitCore

/// The reverse proxy, the only service with published ports. Other components contribute its routes.
package struct NginxComponent: AdoptableComponent {
  package let id: ComponentID = "nginx"
  package let summary = "NGINX, the front of the deployment"
  package let requires: [ComponentID] = ["deployment", "tls"]
  package let isOptional = false

  package init() {}

  package var variables: [Variable] {
    [
      .projectImage("nginx_image", image: "nginx", entry: "nginx"),
      Variable(
        "nginx_server_name", .serverName, default: .value("dioptra.example.org"),
        help: "Domain name or address of the host; _ on a personal machine.", promptPosition: 60),
      Variable(
        "nginx_expose_ports_on_localhost_only", .boolean, default: .value(VariableType.on),
        help: "Whether published ports are reachable from this host only; if false, from every network.",
        promptPosition: 70),
      Variable(
        "enable_nginx_ssl", .boolean, default: .value(VariableType.off),
        help: "Whether NGINX serves HTTPS; needs ssl/nginx/server.crt and server.key."),
      Variable(
        "nginx_client_max_body_size", .size, default: .value("128m"), help: "Largest request to the REST API."),
      Variable(
        "nginx_proxy_read_timeout", .duration, default: .value("300s"), help: "How long a response may take."),
      Variable(
        "nginx_send_timeout", .duration, default: .value("60s"), help: "How long a browser may pause a download."),
    ]
  }

  package func findings(in reference: ReferenceFolder) throws -> [AdoptionFinding] { try recognized(in: reference) }

  package func contributions(in context: Context) throws -> [Contribution] {
    try [
      .trustStore(Self.trustStore(in: context)),
      .toolImage(ToolImage(context["nginx_image"])),
      .scriptFlag(
        ScriptFlag(
          "enable-nginx-ssl", agreesWith: "enable_nginx_ssl", value: context["enable_nginx_ssl"],
          .on(otherwise: "made for HTTP"), help: "Serve HTTPS",
          files: ["ssl/nginx/server.crt", "ssl/nginx/server.key"], purpose: "deployment serves HTTPS")),
      .volume(Volume("nginx-ca-certificates", "NGINX: extra certificate authorities")),
      .volume(Volume("nginx-conf-d", "NGINX: active configuration")),
      .volume(Volume("nginx-etc-ssl", "NGINX: bundle of certificate authorities; certificate and key with HTTPS")),
      generalFile("http_default.conf", Templates.defaultConf, tls: false),
      generalFile("https_default.conf", Templates.defaultConf, tls: true),
      generalFile("http_proxy.conf", Templates.proxyConf, tls: false),
      generalFile("https_proxy.conf", Templates.proxyConf, tls: true),
    ] + certificates(in: context) + preparations
  }

  private func certificates(in context: Context) throws -> [Contribution] {
    guard try context.isOn("enable_nginx_ssl") else { return [] }
    let name = try context["nginx_server_name"]
    return [
      .certificatePair(
        CertificatePair(
          "NGINX", switchedBy: "enable_nginx_ssl", certificate: "ssl/nginx/server.crt", key: "ssl/nginx/server.key",
          name: name.characters == "_" ? nil : name))
    ]
  }

  private static func trustStore(in context: Context) throws -> TrustStore {
    try TrustStore(
      "nginx", service: "nginx-ssl", choice: "nginx", image: context["nginx_image"],
      authorities: "nginx-ca-certificates", bundle: "nginx-etc-ssl")
  }

  private func generalFile(_ name: String, _ template: Template, tls: Bool) -> Contribution {
    .file(FolderFile("config/nginx/\(name)", .template(template, ["tls": .flag(tls)])))
  }

  private var preparations: [Contribution] {
    let owner = VolumePreparation.Owner(option: "chown-nginx", help: "Owner of NGINX's files", value: "39000:100")
    let https: VariableName = "enable_nginx_ssl"
    let configuration = "config/nginx"
    return [
      .volumePreparation(
        VolumePreparation(
          "nginx-conf-d", directoryOption: "nginx-conf-d-dir", owner: owner,
          actions: [
            .init(.clear),
            .init(.folder(mode: "0755")),
            .init(.copyMatching(folder: configuration, pattern: "http_*.conf", mode: "0644"), when: .off(https)),
            .init(.copyMatching(folder: configuration, pattern: "https_*.conf", mode: "0644"), when: .on(https)),
            .init(.copyMatching(folder: configuration, pattern: "stream_*.conf", mode: "0644")),
          ])),
      .volumePreparation(
        VolumePreparation(
          "nginx-etc-ssl", directoryOption: "nginx-etc-ssl-dir", owner: owner,
          actions: [
            .init(.copy("ssl/nginx/server.crt", as: "server.crt", mode: "0644"), when: .on(https)),
            .init(.copy("ssl/nginx/server.key", as: "server.key", mode: "0600"), when: .on(https)),
            .init(.remove(["server.crt", "server.key"]), when: .off(https)),
          ])),
    ]
  }

  /// The service itself and the routes, once all routes are known.
  package func contributions(collecting blueprint: Blueprint, in context: Context) throws -> [Contribution] {
    let servers = blueprint.proxyServers.map(\.value)
    let awaited = blueprint.proxyLocations.filter(\.isAwaited).compactMap(\.value.endpoint)
    let isSecure = try context.isOn("enable_nginx_ssl")
    let service = try Service(
      "nginx", "The front of the deployment, and the only service with published ports.",
      image: context["nginx_image"],
      command: awaited.flatMap { ["--wait-for", "\(endpoint: $0)"] },
      environmentFiles: ["envs/ca-certificates.env"],
      mounts: [
        .volume("nginx-ca-certificates", at: TrustStore.authoritiesPath),
        .volume("nginx-conf-d", at: "/etc/nginx/conf.d"),
        .volume("nginx-etc-ssl", at: TrustStore.bundlePath),
      ] + blueprint.proxyFiles.map { .volume($0.volume, at: $0.root, readOnly: true) },
      ports: PortList(servers: servers, streams: blueprint.proxyStreams.map(\.value))
        .ports(isSecure: isSecure, exposure: context.isOn("nginx_expose_ports_on_localhost_only") ? .host : .networks),
      healthCheck: HealthCheck(
        ["/usr/local/bin/healthcheck.sh"] + servers.sortedByPort.flatMap { $0.healthURLs(isSecure: isSecure) },
        timeout: 10, retries: 3, startPeriod: 30))
    let pages = try frontPage(blueprint, in: context).map { Contribution.webAddress(WebAddress($0, "Dioptra")) }
    return try [.service(service), certificateReadme(servers)] + pages
      + RouteFiles(blueprint: blueprint, context: context).contributions()
  }

  /// What to put where for HTTPS, and what then becomes of the front page's port.
  private func certificateReadme(_ servers: [ProxyServer]) -> Contribution {
    let front = servers.first { $0.isDefault && $0.tlsHostPort != nil }
    let values: [String: TemplateValue] = [
      "redirects": .flag(front != nil), "http_port": .text(front?.hostPort ?? ""),
      "https_port": .text(front?.tlsHostPort ?? ""),
    ]
    return .file(FolderFile("ssl/nginx/README.md", .template(Templates.certificateMd, values)))
  }

  /// The deployment's address for browsers: its server name, if it can be reached from outside the host. Nothing if the
  /// proxy has no such page.
  private func frontPage(_ blueprint: Blueprint, in context: Context) throws -> [Text] {
    guard let server = blueprint.proxyServers.first(where: \.isDefault)?.value else { return [] }
    let isSecure = try context.isOn("enable_nginx_ssl")
    let port = (isSecure ? server.tlsHostPort : nil) ?? server.hostPort
    let isUsual = port.characters == (isSecure ? "443" : "80")
    let name = try context["nginx_server_name"]
    let isLocal = try context.isOn("nginx_expose_ports_on_localhost_only") || name.characters == "_"
    return [Text(isSecure ? "https://" : "http://") + (isLocal ? "localhost" : name) + (isUsual ? "/" : ":\(port)/")]
  }
}
