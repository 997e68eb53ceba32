import DioptraKitCore

/// The databases that others need, and the roles that use them.
struct DatabaseList {
  struct Role: Equatable {
    let name: String
    let password: SecretName
    /// The setting that holds the password.
    var setting: String { "POSTGRES_USER_\(name.uppercased().replacing("-", with: "_"))_PASSWORD" }
  }

  let all: [SQLDatabase]
  /// Each once, in the order of the databases.
  let roles: [Role]

  /// - Throws: `DioptraError` if a role has two passwords.
  init(_ databases: [Owned<SQLDatabase>]) throws {
    all = databases.map(\.value)
    roles = try databases.reduce(into: []) { roles, database in
      let role = Role(name: database.role, password: database.password)
      guard let known = roles.first(where: { $0.name == role.name }) else { return roles.append(role) }
      guard known != role else { return }
      throw DioptraError(
        .componentInvalid,
        "the role '\(role.name)' of the database '\(database.name)' of component '\(database.owner)' has another password "
          + "than the same role elsewhere",
        remedy: "Name the same secret in both, or give the database a role of its own")
    }
  }

  /// The purpose of the server.
  var summary: String {
    let names = all.map { "`\($0.name)`" }
    switch names.count {
    case 0: return "The database server."
    case 1: return "The database \(names[0])."
    default: return "The databases \(names.listed)."
    }
  }

  /// Who can reach what from outside, as a clause.
  var access: String {
    guard let role = roles.first else { return "nobody reaches any database" }
    guard roles.count == 1 else { return "each role reaches its own databases, and nobody else any" }
    let what = all.count == 1 ? "its database" : "its \(all.count.word) databases"
    return "role \(role.name) reaches \(what), and nobody else any"
  }

  /// Databases created together with the server's data.
  var withServer: DatabaseSet { DatabaseSet(of: self) { $0.creation == .withServer } }
  /// Databases created by a step.
  var byStep: DatabaseSet { DatabaseSet(of: self) { $0.creation == .byStep } }
}

/// Some of the databases, with template values for the scripts.
struct DatabaseSet {
  let databases: [SQLDatabase]
  let roles: [DatabaseList.Role]

  /// A role is created with the first of its databases.
  init(of list: DatabaseList, where belongs: (SQLDatabase) -> Bool) {
    let chosen = list.all.filter(belongs)
    databases = chosen
    roles = list.roles.filter { role in chosen.contains { $0.role == role.name } }
  }

  private var names: [String] { databases.map(\.name) }

  /// Template values for the scripts.
  var values: [String: TemplateValue] {
    [
      "subject": .text(Text(subject)),
      "databases": .list(databases.map(Self.fields)),
      "names": .text(Text(names.joined(separator: " "))),
      "roles": .list(
        roles.map { role in
          [
            "role": .text(Text(role.name)), "role_sql": .text(Text(role.name.sqlName)),
            "setting": .text(Text(role.setting)), "expansion": .text(Text("${\(role.setting):-}")),
            "padded_setting": .text(Text(role.setting.padded(to: 30))),
            "listed": .text(Text(listed(of: role))),
            "names": .text(Text(names(of: role).joined(separator: " "))),
          ]
        }),
    ]
  }

  private var subject: String {
    guard roles.count == 1 else { return "the applications' roles and their databases" }
    return databases.count == 1
      ? "the application's role and its database"
      : "the application's role and its \(databases.count.word) databases"
  }

  private func names(of role: DatabaseList.Role) -> [String] {
    databases.filter { $0.role == role.name }.map(\.name)
  }

  private func listed(of role: DatabaseList.Role) -> String {
    let names = names(of: role)
    return (names.count == 1 ? "database " : "databases ") + names.listed
  }

  private static func fields(of database: SQLDatabase) -> [String: TemplateValue] {
    [
      "name": .text(Text(database.name)), "name_sql": .text(Text(database.name.sqlName)),
      "role": .text(Text(database.role)), "role_sql": .text(Text(database.role.sqlName)),
    ]
  }
}

extension String {
  /// A name in SQL, quoted if necessary.
  fileprivate var sqlName: String { contains("-") ? "\"\(self)\"" : self }
}

extension [String] {
  /// `a`, `a and b`, `a, b and c`.
  var listed: String { count < 2 ? joined() : dropLast().joined(separator: ", ") + " and " + self[count - 1] }
}

extension Int {
  fileprivate var word: String { self == 2 ? "two" : self == 3 ? "three" : String(self) }
}
