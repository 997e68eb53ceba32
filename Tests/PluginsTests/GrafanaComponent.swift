import DioptraKitCore

/// Grafana: dashboards behind the deployment's proxy.
struct GrafanaComponent: Component {
  let id: ComponentID = "grafana"
  let summary = "Grafana, dashboards"
  let requires: [ComponentID] = ["deployment", "nginx"]

  var variables: [Variable] {
    [
      Variable("grafana_image", .image, default: .value("grafana/grafana:11.2.0"), help: "Image of Grafana."),
      Variable("grafana_port", .port, default: .value("35080"), help: "Port of the host that leads to Grafana."),
    ]
  }

  func contributions(in context: Context) throws -> [Contribution] {
    try [
      .secret(Secret("grafana_admin_password", "Grafana's account admin")),
      .setting(Setting("GRAFANA_ADMIN_PASSWORD", "\(secret: "grafana_admin_password")")),
      .service(
        Service(
          "grafana", "Dashboards.", image: context["grafana_image"],
          environment: [.setting("GF_SECURITY_ADMIN_PASSWORD", from: "GRAFANA_ADMIN_PASSWORD")],
          mounts: [.volume("grafana-data", at: "/var/lib/grafana")],
          healthCheck: HealthCheck(
            ["wget", "-q", "--spider", "http://localhost:3000/api/health"], timeout: 10, retries: 3)
        )),
      .volume(Volume("grafana-data", "Grafana: dashboards and users")),
      .endpoint(Endpoint("grafana", service: "grafana", port: 3000)),
      .proxyServer(
        ProxyServer("grafana", file: "grafana", "Grafana", port: 35080, hostPort: context["grafana_port"])),
      .proxyLocation(ProxyLocation("grafana", .prefix("/"), .pass("grafana"))),
      .readmeRow(ReadmeRow("http://localhost:35080", "Grafana's dashboards")),
    ]
  }
}
