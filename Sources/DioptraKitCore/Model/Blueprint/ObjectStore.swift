public import DioptraSystem

/// A bucket of the object store.
public struct Bucket: Codable, Equatable, Sendable {
  /// 3 to 63 of the characters a-z, 0-9 and -, with no - at either end.
  public var name: String
  /// The prefix of the objects that accounts may access, such as `artifacts/`; empty for all.
  public var prefix: String

  /// A bucket; with a prefix, the policies of its accounts cover only the objects whose names begin with it.
  public init(_ name: String, prefix: String = "") {
    self.name = name
    self.prefix = prefix
  }
}

/// An account of the object store, for a service of the deployment.
///
/// The store's component creates the account's secret and two settings, `<KEY>_AWS_ACCESS_KEY_ID` and
/// `<KEY>_AWS_SECRET_ACCESS_KEY`. The store's address is the endpoint `s3`.
public struct ObjectStoreAccount: Codable, Equatable, Sendable {
  /// What an account may do in a bucket.
  public struct Policy: Codable, Equatable, Hashable, Sendable {
    /// Whether an account may change what it reads. The raw value ends the policy's name.
    public enum Access: String, Codable, Sendable {
      /// List and read.
      case readOnly = "readonly"
      /// List, read, write and delete.
      case readWrite = "readwrite"
    }

    /// Whether the account may change the bucket's objects.
    public var access: Access
    /// The name of a bucket that a component contributes.
    public var bucket: String

    /// Reading the objects of a bucket.
    public static func readOnly(_ bucket: String) -> Self { Self(access: .readOnly, bucket: bucket) }
    /// Reading, writing and deleting the objects of a bucket.
    public static func readWrite(_ bucket: String) -> Self { Self(access: .readWrite, bucket: bucket) }

    /// The policy's name in the store.
    public var name: String { "\(bucket)-\(access.rawValue)" }
  }

  /// The account's login name.
  public var user: String
  /// The prefix of the account's settings: `RESTAPI`.
  public var key: String
  /// The secret that is the account's password; the store's component contributes it.
  public var secret: SecretName
  /// What the account may do; nothing in buckets without a policy.
  public var policies: [Policy]
  /// The position of the account's settings in `.env`: lower positions first, then in the order of the components.
  public var position: Int

  /// `user` has the form of a bucket's name; `key` is of A-Z, 0-9 and _, begins with a letter and is not `ROOT`.
  public init(
    _ user: String, key: String, secret: SecretName, policies: [Policy], position: Int = 1000
  ) {
    self.user = user
    self.key = key
    self.secret = secret
    self.policies = policies
    self.position = position
  }

  /// The setting that holds the account's name.
  public var userSetting: String { "\(key)_AWS_ACCESS_KEY_ID" }
  /// The setting that holds the account's password.
  public var secretSetting: String { "\(key)_AWS_SECRET_ACCESS_KEY" }
}

extension Bucket: Contributed {
  /// What messages call such a value.
  public static let kind = "bucket"
  /// Its name, which no other bucket may have.
  public var names: [Reference] { [Reference(Self.kind, name)] }

  /// Names that every object store accepts.
  public func check(owner: ComponentID) throws(DioptraError) {
    guard (3...63).contains(name.utf8.count), name.isPlainName, prefix.isPrefix else {
      throw DioptraError(
        .componentInvalid,
        "component '\(owner)' contributes the bucket \(name.quoted) with the prefix \(prefix.quoted)",
        remedy: "Use 3 to 63 of the characters a-z, 0-9 and -; a prefix is of the same, and ends with /")
    }
  }
}

extension ObjectStoreAccount: Contributed {
  /// What messages call such a value.
  public static let kind = "account of the object store"
  /// Its login name and its key, which no other account may have.
  public var names: [Reference] { [Reference(Self.kind, user), Reference("key of the object store's accounts", key)] }
  /// Its secret, and the buckets of its policies.
  public var references: [Reference] {
    [.secret(secret)] + policies.map { Reference(Bucket.kind, $0.bucket) }
  }

  /// The names are used in a shell script and in a file of `NAME=value` lines.
  public func check(owner: ComponentID) throws(DioptraError) {
    let isKey =
      key.first?.isASCIIUppercase == true && key.consists { $0.isASCIIUppercase || $0.isASCIIDigit || $0 == "_" }
    guard (3...63).contains(user.utf8.count), user.isPlainName, isKey, key != "ROOT" else {
      throw DioptraError(
        .componentInvalid, "component '\(owner)' contributes the account \(user.quoted) with the key \(key.quoted)",
        remedy: "Use 3 to 63 of the characters a-z, 0-9 and - for the account, and A-Z, 0-9 and _ for its key")
    }
  }
}

extension String {
  fileprivate var isPlainName: Bool {
    consists { $0.isASCIILowercase || $0.isASCIIDigit || $0 == "-" } && !hasPrefix("-") && !hasSuffix("-")
  }

  fileprivate var isPrefix: Bool { isEmpty || (hasSuffix("/") && String(dropLast()).isPlainName) }
}

extension Character {
  fileprivate var isASCIIUppercase: Bool { isASCII && isUppercase }
}

extension Contribution {
  /// A bucket of the object store.
  public static func bucket(_ value: Bucket) -> Self { Self(value) }
  /// An account of the object store.
  public static func objectStoreAccount(_ value: ObjectStoreAccount) -> Self { Self(value) }
}

extension Blueprint {
  /// Every bucket that the store must have, in the order of the components.
  public var buckets: [Owned<Bucket>] { self[Bucket.self] }
  /// Every account that the store must have, in the order of the components.
  public var objectStoreAccounts: [Owned<ObjectStoreAccount>] { self[ObjectStoreAccount.self] }
}
