package import DioptraKitCore

/// MLflow Tracking: experiments in a database, artifacts in the object store.
package struct MLflowComponent: AdoptableComponent {
  package let id: ComponentID = "mlflow-tracking"
  package let summary = "MLflow Tracking, the record of experiments"
  package let requires: [ComponentID] = ["deployment", "tls", "nginx", "minio", "postgres"]
  package let isOptional = false

  package init() {}

  package var variables: [Variable] {
    [
      .projectImage("mlflow_tracking_image", image: "mlflow-tracking", entry: "mlflow_tracking"),
      Variable(
        "mlflow_port", .port, default: .value("35000"), help: "Port of the host that leads to MLflow Tracking.",
        aliases: ["__mlflow_port"]),
      Variable(
        "mlflow_server_allowed_hosts", .hostList,
        default: .derived(
          explanation:
            "the names of this deployment, or * when nginx_server_name is _ and the ports are open to others",
          Self.allowedHosts),
        help: "Host names that MLflow answers to, with and without port; protects against DNS rebinding."),
    ]
  }

  package func findings(in reference: ReferenceFolder) throws -> [AdoptionFinding] {
    let name = "MLFLOW_SERVER_ALLOWED_HOSTS"
    let hosts =
      try reference.value(of: name, in: "envs/\(reference.slug)-mlflow-tracking.env")
      ?? reference.value(of: name, in: ".env")
    return try reference.image("mlflow_tracking_image", of: reference.required("mlflow-tracking"))
      + reference.port("mlflow_port", to: 35000)
      + reference.secret(
        "minio_mlflow_tracking_password",
        at: [
          .init(".env", "MLFLOW_TRACKING_AWS_SECRET_ACCESS_KEY"),
          .init("secrets/\(reference.slug)-minio-accounts.env", "MINIO_MLFLOW_TRACKING_PASSWORD"),
        ])
      + (hosts.map { [.variable("mlflow_server_allowed_hosts", $0)] } ?? [])
  }

  /// Each name alone, with the port inside the container, and with the published port.
  private static func allowedHosts(_ configuration: Configuration) throws -> String {
    let serverName = try configuration["nginx_server_name"]
    let isOpen = try configuration["nginx_expose_ports_on_localhost_only"] == VariableType.off
    if serverName == "_", isOpen { return "*" }
    let names =
      try ["\(configuration["project_slug"])-mlflow-tracking", "localhost", "127.0.0.1"]
      + (serverName == "_" ? [] : [serverName])
    let ports = try ["", ":5000", ":\(configuration["mlflow_port"])"]
    var hosts: [String] = []
    for host in names.flatMap({ name in ports.map { name + $0 } }) where !hosts.contains(host) { hosts.append(host) }
    return hosts.joined(separator: ",")
  }

  package func contributions(in context: Context) throws -> [Contribution] {
    let environmentFile = try "envs/\(context.configuration["project_slug"])-mlflow-tracking.env"
    let trust = try TrustStore(
      "mlflow-tracking", service: "mlflow-tracking-ssl", choice: "mlflow-tracking",
      image: context["mlflow_tracking_image"], authorities: "mlflow-tracking-ca-certificates",
      bundle: "mlflow-tracking-etc-ssl")
    return try [
      .bucket(Bucket("mlflow-tracking", prefix: "artifacts/")),
      .objectStoreAccount(
        ObjectStoreAccount(
          "dioptra-mlflow-tracking", key: "MLFLOW_TRACKING", secret: "minio_mlflow_tracking_password",
          policies: [.readWrite("mlflow-tracking")], position: 90)),
      .database(
        SQLDatabase(
          "mlflow-tracking", role: "dioptra", password: "postgres_user_dioptra_password", creation: .withServer,
          position: 20)),
      .setting(
        Setting(
          "DIOPTRA_MLFLOW_TRACKING_DATABASE_URI",
          "postgresql://dioptra:\(secret: "postgres_user_dioptra_password", .percent)@\(host: "postgres")/mlflow-tracking",
          position: 20)),
      .setting(Setting("MLFLOW_SERVER_ALLOWED_HOSTS", context["mlflow_server_allowed_hosts"], position: 80)),
      .environmentFile(
        EnvironmentFile(environmentFile, [.init("MLFLOW_S3_ENDPOINT_URL", "http://\(endpoint: "s3")")])),
      .service(
        Service(
          "mlflow-tracking", "The record of experiments; artifacts go to the object store.",
          image: context["mlflow_tracking_image"],
          command: [
            "--host", "0.0.0.0",
            "--default-artifact-root", "s3://mlflow-tracking/artifacts",
            // Expanded by the image's shell, so that the password is not visible in a command line.
            "--backend-store-uri", "${DIOPTRA_MLFLOW_TRACKING_DATABASE_URI}",
            "--wait-for", "\(endpoint: "s3-console")",
            "--wait-for", "\(endpoint: "postgres")",
          ],
          environmentFiles: ["envs/ca-certificates.env", environmentFile],
          environment: [
            .setting("AWS_ACCESS_KEY_ID", from: "MLFLOW_TRACKING_AWS_ACCESS_KEY_ID"),
            .setting("AWS_SECRET_ACCESS_KEY", from: "MLFLOW_TRACKING_AWS_SECRET_ACCESS_KEY"),
            .setting("DIOPTRA_MLFLOW_TRACKING_DATABASE_URI"),
            .setting("MLFLOW_SERVER_ALLOWED_HOSTS"),
          ],
          mounts: trust.mounts,
          healthCheck: HealthCheck(
            ["curl", "-f", "http://localhost:5000"], timeout: 10, retries: 3, startPeriod: 10))),
      .endpoint(Endpoint("mlflow-tracking", service: "mlflow-tracking", port: 5000)),
      .trustStore(trust),
      .volume(Volume("mlflow-tracking-ca-certificates", "MLflow Tracking: extra certificate authorities")),
      .volume(Volume("mlflow-tracking-etc-ssl", "MLflow Tracking: bundle of certificate authorities")),
      .proxyServer(
        ProxyServer(
          "mlflow", file: "mlflow", "MLflow Tracking", port: 35000, hostPort: context["mlflow_port"],
          maxBodySize: "100m", healthPath: "")),
      .proxyLocation(ProxyLocation("mlflow", .prefix("/"), .pass("mlflow-tracking"))),
    ]
  }
}
