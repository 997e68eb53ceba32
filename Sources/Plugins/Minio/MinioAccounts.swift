import DioptraKitCore

/// An account of the object store that a service of the deployment uses.
struct Account {
  /// The part that tells the account's lines apart in the accounts file.
  let key: String
  let user: String
  let secret: SecretName
  let policies: [String]

  static let all = [
    Account(
      key: "MLFLOW_TRACKING", user: "dioptra-mlflow-tracking", secret: "minio_mlflow_tracking_password",
      policies: ["mlflow-tracking-readwrite"]),
    Account(
      key: "RESTAPI", user: "dioptra-restapi", secret: "minio_restapi_password",
      policies: ["mlflow-tracking-readwrite"]),
    Account(
      key: "WORKER", user: "dioptra-worker", secret: "minio_worker_password", policies: ["mlflow-tracking-readwrite"]),
  ]

  /// The accounts for the client that sets up the store.
  static func file(in context: Context) -> String {
    "secrets/\(context.configuration["project_slug"])-minio-accounts.env"
  }
}

extension MinioComponent {
  private static let rootUser = "dioptra-admin"

  /// The accounts as secrets, as settings for the services, and as the file that the client reads.
  func accounts(in context: Context) -> [Contribution] {
    let file = Account.all.reduce(
      """
      MINIO_ROOT_USER=\(Self.rootUser)
      MINIO_ROOT_PASSWORD=\(secret: "minio_root_password")

      """ as Text
    ) { text, account in
      text + """
        MINIO_\(account.key)_USER=\(account.user)
        MINIO_\(account.key)_PASSWORD=\(secret: account.secret)
        MINIO_\(account.key)_POLICIES=\(account.policies.joined(separator: ","))

        """
    }
    let slug = context.configuration["project_slug"]
    return [
      .secret(Secret("minio_root_password", "MinIO's root account")),
      .secret(Secret("minio_kms_secret_key", "MinIO's encryption of data at rest", form: .key(bytes: 32))),
      .setting(Setting("MINIO_ROOT_USER", Text(Self.rootUser), position: 50)),
      .setting(Setting("MINIO_ROOT_PASSWORD", "\(secret: "minio_root_password")", position: 51)),
      .setting(
        Setting(
          "MINIO_KMS_SECRET_KEY", "\(context["minio_kms_key_name"]):\(secret: "minio_kms_secret_key")",
          position: 52)),
      .file(FolderFile("secrets/\(slug)-minio-accounts.env", .text(file), .secret)),
      .file(
        FolderFile(
          "scripts/templates/minio-accounts.env.j2", .jinja(file),
          standaloneOutput: "secrets/\(slug)-minio-accounts.env")),
    ]
      + Account.all.enumerated().flatMap { index, account -> [Contribution] in
        // The order that people know from the reference: MLflow, REST API, worker.
        let position = [90, 120, 130][index]
        return [
          .secret(Secret(account.secret, "MinIO's account \(account.user)")),
          .setting(Setting("\(account.key)_AWS_ACCESS_KEY_ID", Text(account.user), position: position)),
          .setting(
            Setting(
              "\(account.key)_AWS_SECRET_ACCESS_KEY", "\(secret: account.secret)", position: position + 1)),
        ]
      }
  }
}
