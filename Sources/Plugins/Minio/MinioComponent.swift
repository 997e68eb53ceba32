package import DioptraKitCore

/// The S3 object store, with one account for each service that keeps artifacts in it.
package struct MinioComponent: AdoptableComponent {
  package let id: ComponentID = "minio"
  package let summary = "MinIO, the object store"
  package let requires: [ComponentID] = ["deployment", "tls", "nginx"]
  package let isOptional = false

  package init() {}

  package var variables: [Variable] {
    [
      Variable(
        "minio_image", .image, default: .value("quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z"),
        help: "Image of the MinIO server; Docker Hub no longer has it.", containerPart: .image(of: "minio"),
        supersededPrefixes: ["minio/minio:"]),
      Variable(
        "mc_image", .image, default: .value("quay.io/minio/mc:RELEASE.2025-08-13T08-35-41Z"),
        help: "Image of the MinIO client that sets up the server.", containerPart: .image(of: "mc"),
        supersededPrefixes: ["minio/mc:"]),
      Variable(
        "minio_api_port", .port, default: .value("39000"), help: "Port of the host that leads to MinIO's S3 API.",
        aliases: ["__minio_api_port"]),
      Variable(
        "minio_console_port", .port, default: .value("39001"),
        help: "Port of the host that leads to MinIO's console.", aliases: ["__minio_console_port"]),
      Variable(
        "skip_minio_setup", .boolean, default: .value(VariableType.off),
        help: "Whether initialisation skips the object store's buckets, accounts and policies."),
      Variable(
        "minio_kms_key_name", Self.keyName,
        default: .derived(explanation: "project_slug with -minio-key", { "\(try $0["project_slug"])-minio-key" }),
        help:
          "Name of the key that MinIO encrypts its data with; data made under one name cannot be read under another.",
        staysWithData: true),
    ]
  }

  private static let keyName = VariableType("key name") { value in
    let isName =
      !value.isEmpty && value.utf8.count <= 80
      && value.utf8.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || byte == UInt8(ascii: "-")
      }
    return isName
      ? .success(value)
      : .failure(.init("cannot be '\(value)'", remedy: "It must be 1 to 80 of the characters a-z, 0-9 and -"))
  }

  package func findings(in reference: ReferenceFolder) throws -> [AdoptionFinding] { try recognized(in: reference) }

  package func contributions(in context: Context) throws -> [Contribution] {
    try [
      .service(
        service(
          "The object store for artifacts.", in: context,
          healthCheck: HealthCheck(Self.probe, timeout: 10, retries: 3))),
      .endpoint(Endpoint("s3", service: "minio", port: 9000)),
      .endpoint(Endpoint("s3-console", service: "minio", port: 9001)),
      .initService(service("The object store while it is set up.", in: context)),
      .initService(
        Service(
          "mc", "Makes the bucket, the accounts and their policies.", image: context["mc_image"],
          entrypoint: ["/bin/bash"],
          mounts: [
            .folder("config/minio", at: "/s3-policy"), .folder("secrets", at: "/secrets"),
            .folder(ContainerScript.folder, at: "/scripts"),
            .volume("mc-ca-certificates", at: "/root/.mc/certs/CAs", readOnly: true),
          ])),
    ] + routes(in: context) + volumes + rootAccount(in: context)
  }

  /// The contents that others need, and the steps that create them.
  package func contributions(collecting blueprint: Blueprint, in context: Context) throws -> [Contribution] {
    let store = StoreContents(blueprint)
    return try [
      .file(
        FolderFile("scripts/init-minio.sh", .template(Templates.initMinioSh, store.values), .executable)),
      .liveFacts(
        LiveFacts(
          .run("mc", ["/scripts/init-minio.sh", "--list"], beside: "minio"), expected: store.facts,
          step: "minio.setup")),
    ] + policies(store) + accounts(store, in: context) + steps(in: context)
  }

  static let probe: [Text] = ["curl", "-f", "http://localhost:9000/minio/health/live"]

  private func service(_ summary: String, in context: Context, healthCheck: HealthCheck? = nil) throws -> Service {
    try Service(
      "minio", summary, image: context["minio_image"],
      command: ["server", "/data", "--console-address", ":9001"],
      environment: [
        .setting("MINIO_ROOT_USER"), .setting("MINIO_ROOT_PASSWORD"), .setting("MINIO_KMS_SECRET_KEY"),
      ],
      mounts: [.volume("minio-certs", at: "/root/.minio/certs"), .volume("minio-data", at: "/data")],
      healthCheck: healthCheck)
  }

  private func routes(in context: Context) throws -> [Contribution] {
    try [
      .proxyServer(
        ProxyServer(
          "minio-api", file: "minio", "MinIO's S3 API", port: 39000, hostPort: context["minio_api_port"],
          maxBodySize: "4000m", isStreaming: true,
          headers: [.init("Connection", ""), .init("Host", "$http_host")])),
      .proxyLocation(ProxyLocation("minio-api", .priorityPrefix("/"), .pass("s3"))),
      .proxyServer(
        ProxyServer(
          "minio-console", file: "minio", "MinIO's console", port: 39001, hostPort: context["minio_console_port"],
          maxBodySize: "4000m", isStreaming: true, connectTimeout: 300,
          headers: [
            .init("Upgrade", "$http_upgrade"), .init("X-NginX-Proxy", "true"), .init("Connection", "upgrade"),
          ])),
      .proxyLocation(ProxyLocation("minio-console", .priorityPrefix("/"), .pass("s3-console"))),
    ]
  }

  private var volumes: [Contribution] {
    let server = VolumePreparation.Owner(option: "chown-minio", help: "Owner of MinIO's files", value: "root:root")
    let client = VolumePreparation.Owner(
      option: "chown-mc", help: "Owner of the MinIO client's files", value: "root:root")
    return [
      .volume(Volume("minio-certs", "MinIO: extra certificate authorities")),
      .volume(Volume("minio-data", "MinIO: objects")),
      .backupData(
        .volume(
          // MinIO writes files atomically: what changes meanwhile is complete, before or after.
          VolumeCopy("minio-data", "the objects", isReadableWhileItChanges: true, leavingOut: [".minio.sys/tmp"]))),
      .volume(
        Volume("mc-ca-certificates", "MinIO client: extra certificate authorities", lifetime: .initialization)),
      .volumePreparation(
        VolumePreparation(
          "minio-data", directoryOption: "minio-data-dir", owner: server, actions: [.init(.folder(mode: "0700"))])),
      .volumePreparation(
        VolumePreparation(
          "minio-certs", directoryOption: "minio-certs-dir", owner: server,
          actions: [
            .init(.folder(mode: "0755")), .init(.subfolder("CAs", mode: "0755")),
            .init(.certificateAuthorities(into: "CAs")),
          ])),
      .volumePreparation(
        VolumePreparation(
          "mc-ca-certificates", directoryOption: "mc-ca-certificates-dir", owner: client,
          actions: [.init(.folder(mode: "0755")), .init(.certificateAuthorities(into: "."))])),
    ]
  }

  private func steps(in context: Context) throws -> [Contribution] {
    try [
      .step(
        Step(
          "minio.start", "Start the object store", requires: ["volumes.prepare"],
          action: .start("minio", readyWhen: Self.probe),
          inputs: [.volume("minio-data"), .variable("minio_image")],
          volumeBindings: [
            .init("minio-data", setting: "MINIO_KMS_SECRET_KEY"), .init("minio-data", setting: "MINIO_ROOT_USER"),
          ],
          deadline: 180)),
      .step(
        Step(
          "minio.setup", "Set up the object store's bucket, accounts and policies", requires: ["minio.start"],
          action: .run("mc", ["/scripts/init-minio.sh"]),
          inputs: [
            .volume("minio-data"), .file("config/minio"), .file("scripts/init-minio.sh"),
            .file(Self.accountsFile(in: context)), .setting("MINIO_ROOT_PASSWORD"),
          ],
          deadline: 180,
          skip: .init(option: "skip-minio-setup", isChosen: context.isOn("skip_minio_setup")))),
    ]
  }
}
