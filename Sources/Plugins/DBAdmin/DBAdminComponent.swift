package import DioptraKitCore

/// pgAdmin, a web page for the databases. Nothing depends on it.
package struct DBAdminComponent: AdoptableComponent {
  package let id: ComponentID = "dbadmin"
  package let summary = "pgAdmin, a web page for the databases"
  package let requires: [ComponentID] = ["deployment", "nginx", "postgres"]

  package init() {}

  package var variables: [Variable] {
    [
      Variable(
        "dbadmin_image", .image, default: .value("dpage/pgadmin4:8.12"), help: "Image of pgAdmin.",
        containerPart: .image(of: "dbadmin"), supersededPrefixes: ["dpage/pgadmin4:latest"]),
      Variable(
        "pgadmin_default_email", .email, default: .value("dioptra@example.com"),
        help: "E-mail address of pgAdmin's first account.", promptPosition: 90),
      Variable(
        "dbadmin_port", .port, default: .value("35050"), help: "Port of the host that leads to pgAdmin.",
        aliases: ["__dbadmin_port"]),
    ]
  }

  package func findings(in reference: ReferenceFolder) throws -> [AdoptionFinding] {
    guard let service = reference.service("dbadmin") else { return [.disabled] }
    let email = try reference.value(of: "PGADMIN_DEFAULT_EMAIL", in: "envs/\(reference.slug)-dbadmin.env")
    return try reference.image("dbadmin_image", of: service) + reference.port("dbadmin_port", to: 35050)
      + (email.map { [.variable("pgadmin_default_email", $0)] } ?? [])
      + reference.secret("pgadmin_default_password", at: [.init(".env", "PGADMIN_DEFAULT_PASSWORD")])
  }

  package func contributions(in context: Context) throws -> [Contribution] {
    let environmentFile = try "envs/\(context.configuration["project_slug"])-dbadmin.env"
    return try [
      .secret(Secret("pgadmin_default_password", "pgAdmin's first account")),
      .setting(Setting("PGADMIN_DEFAULT_PASSWORD", "\(secret: "pgadmin_default_password")", position: 100)),
      .environmentFile(
        EnvironmentFile(
          environmentFile,
          [
            .init("PGADMIN_DEFAULT_EMAIL", context["pgadmin_default_email"]),
            .init("PGADMIN_DISABLE_POSTFIX", "yes"),
            .init("PGADMIN_LISTEN_PORT", "35050"),
          ])),
      .service(
        Service(
          "dbadmin", "pgAdmin, a web page for the databases.", image: context["dbadmin_image"],
          environmentFiles: [environmentFile], environment: [.setting("PGADMIN_DEFAULT_PASSWORD")],
          mounts: [
            .volume("dbadmin-ca-certificates", at: "/etc/ssl/certs"), .volume("dbadmin-data", at: "/var/lib/pgadmin"),
          ],
          healthCheck: HealthCheck(
            ["wget", "--no-verbose", "--tries=1", "--spider", "http://localhost:35050/misc/ping"], timeout: 60,
            retries: 5, startPeriod: 80))),
      .endpoint(Endpoint("dbadmin", service: "dbadmin", port: 35050)),
      .proxyServer(
        ProxyServer(
          "dbadmin", file: "dbadmin", "pgAdmin", port: 35050, hostPort: context["dbadmin_port"],
          headers: [
            .init("Host", "$host:$server_port"), .init("X-Scheme", "$scheme"),
            .init("X-Forwarded-Port", "$server_port"),
          ])),
      .proxyLocation(ProxyLocation("dbadmin", .priorityPrefix("/"), .pass("dbadmin"))),
    ] + volumes
  }

  private var volumes: [Contribution] {
    let owner = VolumePreparation.Owner(option: "chown-dbadmin", help: "Owner of pgAdmin's files", value: "5050:5050")
    return [
      .volume(Volume("dbadmin-ca-certificates", "pgAdmin: bundle of certificate authorities")),
      .volume(Volume("dbadmin-data", "pgAdmin: accounts and settings")),
      .backupData(.volume(VolumeCopy("dbadmin-data", "pgAdmin's accounts and settings"))),
      .volumePreparation(
        VolumePreparation(
          "dbadmin-data", directoryOption: "dbadmin-data-dir", owner: owner, actions: [.init(.folder(mode: "0700"))])),
      .volumePreparation(
        VolumePreparation(
          "dbadmin-ca-certificates", directoryOption: "dbadmin-certs-dir", owner: owner,
          actions: [
            .init(.folder(mode: "0755")),
            .init(
              .copyFromVolume(
                "nginx-etc-ssl", path: "certs/ca-certificates.crt", as: "cacert.pem", mode: "0644")),
          ])),
    ]
  }
}
