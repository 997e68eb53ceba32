package import DioptraKitCore

/// What workers of all kinds share: their account, environment and trust store.
package struct WorkersComponent: AdoptableComponent {
  package let id: ComponentID = "workers"
  package let summary = "What all workers share"
  package let requires: [ComponentID] = ["deployment", "tls", "minio", "redis", "mlflow-tracking", "restapi"]
  package let isOptional = false

  package init() {}

  package var variables: [Variable] {
    [
      Variable(
        "datasets_directory", .directory, default: .value(""),
        help: "Directory of the host with data sets, which every worker sees read-only at /dioptra/data.",
        promptPosition: 140),
      Variable(
        "worker_queue_names", .choice([WorkerKind.hyphenated, WorkerKind.underscored]),
        default: .value(WorkerKind.hyphenated),
        help: """
          How the queues of the workers are written: tensorflow-cpu and so on, or tensorflow_cpu as before release \
          1.1.0. Jobs in a queue that no worker has wait for ever.
          """),
    ]
  }

  package func findings(in reference: ReferenceFolder) throws -> [AdoptionFinding] { try recognized(in: reference) }

  package var checks: [any DoctorCheck] { [AccountCheck()] }

  static let authorities: VolumeName = "worker-ca-certificates"
  static let bundle: VolumeName = "worker-etc-ssl"

  package func contributions(in context: Context) throws -> [Contribution] {
    let slug = try context.configuration["project_slug"]
    return try [
      .objectStoreAccount(
        ObjectStoreAccount(
          "dioptra-worker", key: "WORKER", secret: "minio_worker_password", policies: [.readWrite("mlflow-tracking")],
          position: 130)),
      .secret(Secret("dioptra_worker_password", "The workers' account of the REST API")),
      .setting(Setting("DIOPTRA_WORKER_USERNAME", "dioptra-worker", position: 30)),
      .setting(Setting("DIOPTRA_WORKER_PASSWORD", "\(secret: "dioptra_worker_password")", position: 40)),
      .environmentFile(
        EnvironmentFile(
          "envs/\(slug)-worker.env",
          [
            .init("MLFLOW_TRACKING_URI", "http://\(endpoint: "mlflow-tracking")"),
            .init("MLFLOW_S3_ENDPOINT_URL", "http://\(endpoint: "s3")"),
            .init("RQ_REDIS_URI", "redis://\(endpoint: "redis")/0"),
            .init("DIOPTRA_API", "http://\(endpoint: "restapi")"),
          ])),
      .environmentFile(
        EnvironmentFile(
          "envs/\(slug)-worker-cpu.env",
          [
            .init("KMP_AFFINITY", "none", quoted: true),
            .init("KMP_BLOCKTIME", "1", quoted: true),
            .init("KMP_SETTINGS", "FALSE", quoted: true),
            .init("OMP_PROC_BIND", "false", quoted: true),
          ])),
      // The REST API keeps its accounts in a table of its database.
      .liveFacts(
        LiveFacts(
          .execute(
            "db",
            ["psql", "-U", "dioptra", "-d", "restapi", "-Atc", "SELECT 'account ' || username FROM users"]),
          expected: ["account dioptra-worker"], step: "workers.account")),
      .volume(Volume(Self.authorities, "Workers: extra certificate authorities", access: .shared)),
      .volume(Volume(Self.bundle, "Workers: bundle of certificate authorities", access: .shared)),
      .initService(
        Service(
          "init-dioptra-worker", "Registers the workers' account with the REST API.", image: context["restapi_image"],
          entrypoint: ["/bin/bash"],
          environment: [.setting("DIOPTRA_WORKER_USERNAME"), .setting("DIOPTRA_WORKER_PASSWORD")],
          mounts: [.folder(ContainerScript.folder, at: "/scripts")])),
      .file(FolderFile("scripts/init-worker-account.sh", .template(Templates.initWorkerAccountSh), .executable)),
      .step(
        Step(
          "workers.account", "Register the workers' account", requires: ["restapi.start"],
          action: .run("init-dioptra-worker", ["/scripts/init-worker-account.sh"]),
          inputs: [
            .volume("postgres-data"), .setting("DIOPTRA_WORKER_USERNAME"), .setting("DIOPTRA_WORKER_PASSWORD"),
            .file("scripts/init-worker-account.sh"),
          ],
          deadline: 120)),
    ]
  }

  /// The image that fills the trust store of all workers, as an option of the standalone script.
  package func contributions(collecting blueprint: Blueprint, in context: Context) throws -> [Contribution] {
    let offer = try blueprint.trustStores.map(\.value).offer(for: "workers", in: context)
    let kinds =
      WorkerKind.allCases.filter { $0.accelerator == nil } + WorkerKind.allCases.filter { $0.accelerator != nil }
    return [
      .scriptFlag(
        ScriptFlag(
          "worker-ssl-service", agreesWith: "worker_ssl_service", value: Text(offer?.choice ?? ""),
          .choice(kinds.map(\.rawValue), kind: "kind of worker"), help: "Image that fills the workers' trust store"))
    ]
  }
}
