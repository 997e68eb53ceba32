package import DioptraKitCore

/// Dioptra's REST API, the centre of the deployment.
package struct RestAPIComponent: AdoptableComponent {
  package let id: ComponentID = "restapi"
  package let summary = "Dioptra's REST API"
  package let requires: [ComponentID] = [
    "deployment", "tls", "nginx", "minio", "postgres", "redis", "mlflow-tracking",
  ]
  package let isOptional = false

  package init() {}

  package var variables: [Variable] {
    [
      .projectImage("restapi_image", image: "restapi", entry: "restapi"),
      Variable(
        "restapi_http_port", .port, default: .value("80"),
        help: "Port of the host that leads to the front end and the REST API; with HTTPS it redirects.",
        aliases: ["__restapi_http_port"]),
      Variable(
        "restapi_https_port", .port, default: .value("443"),
        help: "Port of the host that leads to the front end and the REST API over HTTPS.",
        aliases: ["__restapi_https_port"]),
    ]
  }

  package func findings(in reference: ReferenceFolder) throws -> [AdoptionFinding] {
    let key = "DIOPTRA_DEPLOY_SECRET_KEY"
    let port = reference.port("restapi_http_port", to: 30080)
    // The template does not ask for this variable.
    let written = port.compactMap { finding -> AdoptionFinding? in
      guard case .variable(_, let value) = finding else { return nil }
      return .written("80:30080", "\(value):30080")
    }
    return try reference.image("restapi_image", of: reference.required("restapi")) + port + written
      + reference.port("restapi_https_port", to: 30443)
      + reference.secret(
        "minio_restapi_password",
        at: [
          .init(".env", "RESTAPI_AWS_SECRET_ACCESS_KEY"),
          .init("secrets/\(reference.slug)-minio-accounts.env", "MINIO_RESTAPI_PASSWORD"),
        ])
      + reference.secret(
        "postgres_user_dioptra_password",
        at: [
          .init(".env", "POSTGRES_USER_DIOPTRA_PASSWORD"), .init(".env", "DIOPTRA_RESTAPI_DATABASE_URI", .uriPassword),
          .init(".env", "DIOPTRA_MLFLOW_TRACKING_DATABASE_URI", .uriPassword),
        ])
      // The template has none; the first upgrade generates one.
      + (reference.value(of: key, in: ".env").map {
        [.secret("dioptra_deploy_secret_key", $0, at: ".env:\(key)")]
      } ?? [])
  }

  package func contributions(in context: Context) throws -> [Contribution] {
    let environmentFile = try "envs/\(context.configuration["project_slug"])-restapi.env"
    let trust = try TrustStore(
      "restapi", service: "restapi-ssl", choice: "restapi", image: context["restapi_image"],
      authorities: "restapi-ca-certificates", bundle: "restapi-etc-ssl")
    return try [
      .objectStoreAccount(
        ObjectStoreAccount(
          "dioptra-restapi", key: "RESTAPI", secret: "minio_restapi_password",
          policies: [.readWrite("mlflow-tracking")], position: 120)),
      .database(
        SQLDatabase(
          "restapi", role: "dioptra", password: "postgres_user_dioptra_password", creation: .withServer, position: 10)),
      .secret(Secret("dioptra_deploy_secret_key", "Signature of the REST API's sessions")),
      .setting(
        Setting(
          "DIOPTRA_RESTAPI_DATABASE_URI",
          "postgresql://dioptra:\(secret: "postgres_user_dioptra_password", .percent)@\(host: "postgres")/restapi",
          position: 10)),
      .setting(Setting("DIOPTRA_DEPLOY_SECRET_KEY", "\(secret: "dioptra_deploy_secret_key")", position: 140)),
      .environmentFile(
        EnvironmentFile(
          environmentFile,
          [
            .init("DIOPTRA_RESTAPI_ENV", "prod"),
            .init("MLFLOW_S3_ENDPOINT_URL", "http://\(endpoint: "s3")"),
            .init("MLFLOW_TRACKING_URI", "http://\(endpoint: "mlflow-tracking")"),
            .init("RQ_REDIS_URI", "redis://\(endpoint: "redis")/0"),
          ])),
      .service(
        service(
          "The REST API; it brings its database's schema up to date when it starts.", in: context,
          waitsFor: ["redis", "s3-console", "postgres", "mlflow-tracking"],
          environmentFiles: ["envs/ca-certificates.env", environmentFile], mounts: trust.mounts,
          healthCheck: HealthCheck(Self.probe, timeout: 10, retries: 3, startPeriod: 30))),
      .endpoint(Endpoint("restapi", service: "restapi", port: 5000)),
      .initService(
        service(
          "The REST API while its database is prepared.", in: context, waitsFor: ["postgres"],
          environmentFiles: [environmentFile], mounts: trust.mounts)),
      .trustStore(trust),
      .volume(Volume("restapi-ca-certificates", "REST API: extra certificate authorities")),
      .volume(Volume("restapi-etc-ssl", "REST API: bundle of certificate authorities")),
      .file(FolderFile("import_resources.py", .template(Templates.importResourcesPy), .executable)),
      .step(
        Step(
          "restapi.start", "Prepare the REST API's database", requires: ["postgres.access", "trust.restapi"],
          action: .start("restapi", readyWhen: Self.probe),
          inputs: [.volume("postgres-data"), .variable("restapi_image")], deadline: 600)),
    ] + routes(in: context)
  }

  static let probe: [Text] = ["curl", "-f", "http://localhost:5000/health"]

  private func service(
    _ summary: String, in context: Context, waitsFor endpoints: [EndpointName], environmentFiles: [String],
    mounts: [Mount], healthCheck: HealthCheck? = nil
  ) throws -> Service {
    try Service(
      "restapi", summary, image: context["restapi_image"],
      command: endpoints.flatMap { ["--wait-for", "\(endpoint: $0)"] },
      environmentFiles: environmentFiles,
      environment: [
        .setting("AWS_ACCESS_KEY_ID", from: "RESTAPI_AWS_ACCESS_KEY_ID"),
        .setting("AWS_SECRET_ACCESS_KEY", from: "RESTAPI_AWS_SECRET_ACCESS_KEY"),
        .setting("DIOPTRA_RESTAPI_DATABASE_URI"),
        .setting("DIOPTRA_DEPLOY_SECRET_KEY"),
      ] + secureCookies(in: context),
      mounts: mounts, healthCheck: healthCheck, reachesOut: true)
  }

  /// The presence of the variable counts, whatever its value.
  private func secureCookies(in context: Context) throws -> [EnvironmentVariable] {
    try context.isOn("enable_nginx_ssl") ? [.text("DIOPTRA_REMEMBER_COOKIE_SECURE", "1")] : []
  }

  private func routes(in context: Context) throws -> [Contribution] {
    try [
      .proxyServer(
        ProxyServer(
          "restapi", file: "restapi", "Front end and REST API", port: 30080, tlsPort: 30443,
          hostPort: context["restapi_http_port"], tlsHostPort: context["restapi_https_port"], isDefault: true,
          healthPath: "")),
      .proxyLocation(ProxyLocation("restapi", .prefix("/api/"), .pass("restapi"), awaited: true)),
      .proxyLocation(ProxyLocation("restapi", .prefix("/api-docs/"), .passReplacing("restapi", with: "/"))),
      .proxyLocation(ProxyLocation("restapi", .prefix("/swagger.json"), .pass("restapi"))),
      .proxyLocation(ProxyLocation("restapi", .prefix("/swaggerui/"), .pass("restapi"))),
      .proxyLocation(ProxyLocation("restapi", .exact("/health"), .pass("restapi"))),
      .proxyLocation(ProxyLocation("restapi", .exact("/health/"), .passReplacing("restapi", with: "/health"))),
    ]
  }
}
