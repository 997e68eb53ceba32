public import DioptraSystem

/// A database on the deployment's server, with the only role that may use it.
///
/// Several databases may have the same role. The server's component makes the role's secret, and a setting with it; see
/// there for the setting's name and for the endpoint.
public struct SQLDatabase: Codable, Equatable, Sendable {
  /// When the database is created.
  public enum Creation: String, Codable, Sendable {
    /// Once, together with the server's data: for components that every deployment has from the start.
    case withServer
    /// By a step of initialisation, if it is missing.
    case byStep
  }

  /// A letter and then up to 62 of the characters a-z, 0-9, - and _.
  public var name: String
  /// The only role that may use the database; a name of the same form.
  public var role: String
  /// The secret that is the role's password; the server's component contributes it.
  public var password: SecretName
  /// When the database is created.
  public var creation: Creation
  /// The position of the database among the others: lower positions first, then in the order of the components.
  public var position: Int

  /// A database that a step of initialisation creates, unless `creation` says otherwise.
  public init(
    _ name: String, role: String, password: SecretName, creation: Creation = .byStep, position: Int = 1000
  ) {
    self.name = name
    self.role = role
    self.password = password
    self.creation = creation
    self.position = position
  }
}

extension SQLDatabase: Contributed {
  /// What messages call such a value.
  public static let kind = "database"
  /// Its name, which no other database may have; a role may have several databases.
  public var names: [Reference] { [Reference(Self.kind, name)] }
  /// The secret with the role's password.
  public var references: [Reference] { [.secret(password)] }

  /// Both names are used in SQL, shell and the server's access rules.
  public func check(owner: ComponentID) throws(DioptraError) {
    for word in [name, role] where !word.isDatabaseName {
      throw DioptraError(
        .componentInvalid, "component '\(owner)' calls a database or its role \(word.quoted)",
        remedy: "Use a letter and then up to 62 of the characters a-z, 0-9, - and _")
    }
  }
}

extension String {
  fileprivate var isDatabaseName: Bool {
    (1...63).contains(utf8.count) && first?.isASCIILowercase == true
      && consists { $0.isASCIILowercase || $0.isASCIIDigit || $0 == "-" || $0 == "_" }
  }
}

extension Contribution {
  /// A database on the deployment's server, with the only role that may use it.
  public static func database(_ value: SQLDatabase) -> Self { Self(value) }
}

extension Blueprint {
  /// In the order of creation.
  public var databases: [Owned<SQLDatabase>] { self[SQLDatabase.self].sorted { $0.position < $1.position } }
}
