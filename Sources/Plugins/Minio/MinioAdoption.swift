import DioptraKitCore

extension MinioComponent {
  /// The object store of a folder made by the reference template.
  func recognized(in reference: ReferenceFolder) throws -> [AdoptionFinding] {
    let file = "secrets/\(reference.slug)-minio-accounts.env"
    return try reference.image("minio_image", of: reference.required("minio"))
      + reference.image("mc_image", of: reference.initService("mc"))
      + reference.port("minio_api_port", to: 39000) + reference.port("minio_console_port", to: 39001)
      + reference.secret(
        "minio_root_password", at: [.init(".env", "MINIO_ROOT_PASSWORD"), .init(file, "MINIO_ROOT_PASSWORD")])
      + reference.secret(
        "minio_kms_secret_key",
        at: [.init(".env", "MINIO_KMS_SECRET_KEY", .after("\(reference.slug)-minio-key:"))])
  }
}
