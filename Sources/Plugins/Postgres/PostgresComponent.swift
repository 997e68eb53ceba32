public import DioptraKitCore

/// The database server with the databases of the REST API and of MLflow.
public struct PostgresComponent: AdoptableComponent {
  public let id: ComponentID = "postgres"
  public let summary = "PostgreSQL, the databases"
  public let requires: [ComponentID] = ["deployment", "nginx"]
  public let isOptional = false

  public init() {}

  public var variables: [Variable] {
    [
      Variable(
        "postgres_image", .imageName, default: .value("postgres"), help: "Image of PostgreSQL, without its tag.",
        containerPart: .imageWithoutTag(of: "db")),
      Variable(
        "postgres_container_tag", .postgresTag, default: .value("17"),
        help: "Tag of the PostgreSQL image: major version 17 or older, no Alpine variant.", promptPosition: 80,
        containerPart: .tag(of: "db")),
      Variable(
        "db_admin_username", .sqlName, default: .value("postgres"), help: "Name of the database server's superuser.",
        aliases: ["__db_admin_username"]),
      Variable(
        "db_admin_database", .sqlName, default: .value("postgres"),
        help: "Database that the superuser's commands run in.", aliases: ["__db_admin_database"]),
      Variable(
        "enable_postgres_ssl", .boolean, default: .value(VariableType.off),
        help: "Whether PostgreSQL accepts encrypted connections only; needs ssl/db/server.crt and server.key."),
      Variable(
        "db_port", .port, default: .value("35432"), help: "Port of the host that leads to PostgreSQL.",
        aliases: ["__db_port"]),
      Variable(
        "nginx_db_proxy_timeout", .duration, default: .value("1h"),
        help: "How long a database session through NGINX may be silent."),
    ]
  }

  public func findings(in reference: ReferenceFolder) throws -> [AdoptionFinding] { try recognized(in: reference) }

  public func contributions(in context: Context) throws -> [Contribution] {
    let environmentFile = "envs/\(context.configuration["project_slug"])-db.env"
    return [
      .secret(Secret("postgres_admin_password", "PostgreSQL's superuser")),
      .secret(Secret("postgres_user_dioptra_password", "PostgreSQL's role dioptra")),
      .setting(
        Setting("POSTGRES_USER_DIOPTRA_PASSWORD", "\(secret: "postgres_user_dioptra_password")", position: 110)),
      .environmentFile(
        EnvironmentFile(
          environmentFile,
          [
            .init("POSTGRES_HOST_AUTH_METHOD", "scram-sha-256"),
            .init("POSTGRES_PASSWORD_FILE", "/etc/postgresql/postgres-passwd"),
          ])),
      .service(
        service(
          "The databases `restapi` and `mlflow-tracking`.", in: context, environmentFile: environmentFile,
          healthCheck: HealthCheck(
            ["pg_isready", "-U", "dioptra", "-d", "restapi"], timeout: 60, retries: 3, startPeriod: 30))),
      .endpoint(Endpoint("postgres", service: "db", port: 5432)),
      .initService(
        service(
          "The database server while it is set up.", in: context, environmentFile: environmentFile,
          mounts: [.folder(ContainerScript.folder, at: "/scripts")])),
      .proxyStream(
        ProxyStream(
          "db", "PostgreSQL", port: 5432, hostPort: context["db_port"], target: "postgres",
          idleTimeout: context["nginx_db_proxy_timeout"])),
      .file(FolderFile("config/db/init-db.sh", .template(Templates.initDbSh), .executable)),
      .dataFormat(
        DataFormat(
          "postgres-data", file: "PG_VERSION", expected: Text(majorVersion(in: context)), program: "PostgreSQL",
          image: image(in: context), variable: "postgres_container_tag")),
      .liveFacts(
        LiveFacts(
          .execute(
            "db",
            [
              "psql", "-U", context["db_admin_username"], "-d", context["db_admin_database"], "-Atc",
              "SELECT 'role ' || rolname FROM pg_roles UNION ALL SELECT 'database ' || datname FROM pg_database",
            ]),
          expected: ["role dioptra", "database restapi", "database mlflow-tracking"])),
    ] + certificates(in: context) + volumes + accountFiles(in: context) + initialization(in: context)
      + backups(in: context)
  }

  private func service(
    _ summary: String, in context: Context, environmentFile: String, mounts: [Mount] = [],
    healthCheck: HealthCheck? = nil
  ) -> Service {
    Service(
      "db", summary, image: image(in: context),
      environmentFiles: [environmentFile],
      environment: superuser(in: context) + [.setting("POSTGRES_USER_DIOPTRA_PASSWORD")],
      mounts: mounts + [
        .volume("postgres-data", at: "/var/lib/postgresql/data"),
        .volume("postgres-docker-entrypoint-initdb-d", at: "/docker-entrypoint-initdb.d"),
        .volume("postgres-etc-postgresql", at: "/etc/postgresql"),
        .volume("postgres-var-certs", at: "/var/lib/postgresql/certs"),
      ],
      healthCheck: healthCheck, sharedMemory: "256MB")
  }

  private func image(in context: Context) -> Text {
    "\(context["postgres_image"]):\(context["postgres_container_tag"])"
  }

  /// `17` of `17.2-bookworm`.
  private func majorVersion(in context: Context) -> String {
    String(context.configuration["postgres_container_tag"].prefix { $0.isNumber })
  }

  private func certificates(in context: Context) -> [Contribution] {
    guard context.isOn("enable_postgres_ssl") else { return [] }
    return [
      .certificatePair(
        CertificatePair(
          "PostgreSQL", switchedBy: "enable_postgres_ssl", certificate: "ssl/db/server.crt", key: "ssl/db/server.key"))
    ]
  }

  /// The image's own defaults need no variable.
  private func superuser(in context: Context) -> [EnvironmentVariable] {
    [("POSTGRES_USER", "db_admin_username"), ("POSTGRES_DB", "db_admin_database")].compactMap { name, variable in
      context.configuration[variable] == "postgres" ? nil : .text(name, context[variable])
    }
  }

  private func accountFiles(in context: Context) -> [Contribution] {
    let account: Text = """
      POSTGRES_PASSWORD=\(secret: "postgres_admin_password")
      POSTGRES_USER=\(context["db_admin_username"])
      POSTGRES_DB=\(context["db_admin_database"])

      """
    return [
      .file(FolderFile("secrets/postgres-passwd.env", .text(account), .secret)),
      .file(
        FolderFile(
          "scripts/templates/postgres-passwd.env.j2", .jinja(account),
          standaloneOutput: "secrets/postgres-passwd.env")),
    ]
  }
}
