import DioptraKitCore

/// What others need from the object store.
struct StoreContents {
  let buckets: [Bucket]
  let accounts: [ObjectStoreAccount]

  init(_ blueprint: Blueprint) {
    buckets = blueprint.buckets.map(\.value)
    accounts = blueprint.objectStoreAccounts.map(\.value)
  }

  /// Each once, in the order of the accounts.
  var policies: [ObjectStoreAccount.Policy] {
    accounts.flatMap(\.policies).reduce(into: []) { policies, policy in
      if !policies.contains(policy) { policies.append(policy) }
    }
  }

  /// The store's own report when everything exists.
  var facts: [Text] {
    buckets.map { "bucket \($0.name)" }
      + accounts.flatMap { account in
        ["account \(account.user)"] + account.policies.map { "policy \($0.name) of \(account.user)" }
      }
  }

  /// The values for the script that sets up the store.
  var values: [String: TemplateValue] {
    [
      "has_buckets": .flag(!buckets.isEmpty),
      "bucket": .text(Text(buckets.first?.name ?? "")),
      "further_buckets": .list(buckets.dropFirst().map { ["name": .text(Text($0.name))] }),
      "accounts": .text(Text(accounts.map(\.key).joined(separator: " "))),
    ]
  }
}

extension MinioComponent {
  private static let rootUser = "dioptra-admin"

  /// The store's own account and key.
  func rootAccount(in context: Context) throws -> [Contribution] {
    [
      .secret(Secret("minio_root_password", "MinIO's root account")),
      .secret(Secret("minio_kms_secret_key", "MinIO's encryption of data at rest", form: .key(bytes: 32))),
      .setting(Setting("MINIO_ROOT_USER", Text(Self.rootUser), position: 50)),
      .setting(Setting("MINIO_ROOT_PASSWORD", "\(secret: "minio_root_password")", position: 51)),
      .setting(
        Setting(
          "MINIO_KMS_SECRET_KEY", "\(try context["minio_kms_key_name"]):\(secret: "minio_kms_secret_key")",
          position: 52)),
    ]
  }

  /// The accounts as secrets, as settings for the services, and as a file for the client.
  func accounts(_ store: StoreContents, in context: Context) throws -> [Contribution] {
    let text = store.accounts.reduce(
      """
      MINIO_ROOT_USER=\(Self.rootUser)
      MINIO_ROOT_PASSWORD=\(secret: "minio_root_password")

      """ as Text
    ) { text, account in
      text + """
        MINIO_\(account.key)_USER=\(account.user)
        MINIO_\(account.key)_PASSWORD=\(secret: account.secret)
        MINIO_\(account.key)_POLICIES=\(account.policies.map(\.name).joined(separator: ","))

        """
    }
    let file = try Self.accountsFile(in: context)
    return [
      .file(FolderFile(file, .text(text), .secret)),
      .file(FolderFile("scripts/templates/minio-accounts.env.j2", .jinja(text), standaloneOutput: file)),
    ]
      + store.accounts.flatMap { account -> [Contribution] in
        [
          .secret(Secret(account.secret, "MinIO's account \(account.user)")),
          .setting(Setting(account.userSetting, Text(account.user), position: account.position)),
          .setting(Setting(account.secretSetting, "\(secret: account.secret)", position: account.position + 1)),
        ]
      }
  }

  /// The accounts for the client that sets up the store.
  static func accountsFile(in context: Context) throws -> String {
    "secrets/\(try context.configuration["project_slug"])-minio-accounts.env"
  }

  /// The policies in the store's format.
  func policies(_ store: StoreContents) -> [Contribution] {
    store.policies.map { policy in
      let prefix = store.buckets.first { $0.name == policy.bucket }?.prefix ?? ""
      let noun = prefix.isEmpty ? "Objects" : prefix.split { $0 == "/" || $0 == "-" }.map(\.capitalized).joined()
      return .file(
        FolderFile(
          "config/minio/\(policy.name)-policy.json",
          .template(
            Templates.policyJson,
            [
              "bucket": .text(Text(policy.bucket)), "prefix": .text(Text(prefix)), "noun": .text(Text(noun)),
              "writes": .flag(policy.access == .readWrite), "has_prefix": .flag(!prefix.isEmpty),
            ])))
    }
  }
}

extension Substring {
  fileprivate var capitalized: String { prefix(1).uppercased() + dropFirst() }
}
