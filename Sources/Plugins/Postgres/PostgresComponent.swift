package import DioptraKitCore

/// The database server. Other components contribute its databases.
package struct PostgresComponent: AdoptableComponent {
  package let id: ComponentID = "postgres"
  package let summary = "PostgreSQL, the databases"
  package let requires: [ComponentID] = ["deployment", "nginx"]
  package let isOptional = false

  package init() {}

  package var variables: [Variable] {
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

  package func findings(in reference: ReferenceFolder) throws -> [AdoptionFinding] { try recognized(in: reference) }

  package func contributions(in context: Context) throws -> [Contribution] {
    try [
      .secret(Secret("postgres_admin_password", "PostgreSQL's superuser")),
      .environmentFile(
        EnvironmentFile(
          environmentFile(in: context),
          [
            .init("POSTGRES_HOST_AUTH_METHOD", "scram-sha-256"),
            .init("POSTGRES_PASSWORD_FILE", "/etc/postgresql/postgres-passwd"),
          ])),
      .endpoint(Endpoint("postgres", service: "db", port: 5432)),
      .proxyStream(
        ProxyStream(
          "db", "PostgreSQL", port: 5432, hostPort: context["db_port"], target: "postgres",
          idleTimeout: context["nginx_db_proxy_timeout"])),
      .dataFormat(
        DataFormat(
          "postgres-data", file: "PG_VERSION", expected: Text(majorVersion(in: context)), program: "PostgreSQL",
          image: image(in: context), variable: "postgres_container_tag")),
      .scriptFlag(
        ScriptFlag(
          "enable-postgres-ssl", agreesWith: "enable_postgres_ssl", value: context["enable_postgres_ssl"],
          .on(otherwise: "made without TLS"), help: "Encrypt connections to the database",
          files: ["ssl/db/server.crt", "ssl/db/server.key"], purpose: "database encrypts connections")),
    ] + certificates(in: context) + volumes + accountFiles(in: context) + initialization(in: context)
  }

  /// The server with the contributed databases and roles.
  package func contributions(collecting blueprint: Blueprint, in context: Context) throws -> [Contribution] {
    let databases = try DatabaseList(blueprint.databases)
    let superuser = try context["db_admin_username"]
    let probe: [Text] =
      databases.all.first.map { ["-U", Text($0.role), "-d", Text($0.name)] } ?? ["-U", superuser]
    return try [
      .service(
        service(
          databases.summary, of: databases, in: context,
          healthCheck: HealthCheck(["pg_isready"] + probe, timeout: 60, retries: 3, startPeriod: 30))),
      .initService(
        service(
          "The database server while it is set up.", of: databases, in: context,
          mounts: [.folder(ContainerScript.folder, at: "/scripts")])),
      .liveFacts(
        LiveFacts(
          .execute(
            "db",
            [
              "psql", "-U", superuser, "-d", context["db_admin_database"], "-Atc",
              "SELECT 'role ' || rolname FROM pg_roles UNION ALL SELECT 'database ' || datname FROM pg_database",
            ]),
          expected: databases.roles.map { Text("role \($0.name)") } + databases.all.map { Text("database \($0.name)") })
      ),
    ] + roles(databases) + scripts(databases, in: context) + backups(of: databases, in: context)
  }

  /// The password of each role, for the server and for its clients.
  private func roles(_ databases: DatabaseList) -> [Contribution] {
    databases.roles.enumerated().flatMap { index, role -> [Contribution] in
      [
        .secret(Secret(role.password, "PostgreSQL's role \(role.name)")),
        .setting(Setting(role.setting, "\(secret: role.password)", position: index == 0 ? 110 : 1000)),
      ]
    }
  }

  private func environmentFile(in context: Context) throws -> String {
    "envs/\(try context.configuration["project_slug"])-db.env"
  }

  private func service(
    _ summary: String, of databases: DatabaseList, in context: Context, mounts: [Mount] = [],
    healthCheck: HealthCheck? = nil
  ) throws -> Service {
    try Service(
      "db", summary, image: image(in: context),
      environmentFiles: [environmentFile(in: context)],
      environment: superuser(in: context) + databases.roles.map { .setting($0.setting) },
      mounts: mounts + [
        .volume("postgres-data", at: "/var/lib/postgresql/data"),
        .volume("postgres-docker-entrypoint-initdb-d", at: "/docker-entrypoint-initdb.d"),
        .volume("postgres-etc-postgresql", at: "/etc/postgresql"),
        .volume("postgres-var-certs", at: "/var/lib/postgresql/certs"),
      ],
      healthCheck: healthCheck, sharedMemory: 256 << 20)
  }

  private func image(in context: Context) throws -> Text {
    try "\(context["postgres_image"]):\(context["postgres_container_tag"])"
  }

  /// `17` of `17.2-bookworm`.
  private func majorVersion(in context: Context) throws -> String {
    String(try context.configuration["postgres_container_tag"].prefix { $0.isNumber })
  }

  private func certificates(in context: Context) throws -> [Contribution] {
    guard try context.isOn("enable_postgres_ssl") else { return [] }
    return [
      .certificatePair(
        CertificatePair(
          "PostgreSQL", switchedBy: "enable_postgres_ssl", certificate: "ssl/db/server.crt", key: "ssl/db/server.key"))
    ]
  }

  /// The image's own defaults need no variable.
  private func superuser(in context: Context) throws -> [EnvironmentVariable] {
    try [("POSTGRES_USER", "db_admin_username"), ("POSTGRES_DB", "db_admin_database")].compactMap { name, variable in
      try context.configuration[variable] == "postgres" ? nil : .text(name, context[variable])
    }
  }

  private func accountFiles(in context: Context) throws -> [Contribution] {
    let account: Text = try """
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
