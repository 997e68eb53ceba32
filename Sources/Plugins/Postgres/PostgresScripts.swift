import DioptraKitCore

extension PostgresComponent {
  /// The scripts that create the databases, and the one that sets the access rules.
  func scripts(_ databases: DatabaseList, in context: Context) throws -> [Contribution] {
    [
      .file(
        FolderFile(
          "config/db/init-db.sh", .template(Templates.initDbSh, databases.withServer.values), .executable)),
      .script(
        ContainerScript(
          "manage-postgres-ssl", "Switches TLS of a running PostgreSQL on or off and sets who may connect.",
          options: [
            .value("username", help: "Role that the commands run as", default: "postgres"),
            .value("dbname", help: "Database that the commands run in", default: "postgres"),
            .flag("set-ssl-filepaths", help: "Also set the paths of certificate and key"),
            .flag("ssl", help: "Accept encrypted connections only"),
          ],
          body: .template(Templates.managePostgresSslSh, rules(databases)))),
    ] + missing(databases.byStep)
  }

  /// The server runs `init-db.sh` only for new data; databases that were added later are created by a step.
  private func missing(_ databases: DatabaseSet) -> [Contribution] {
    guard !databases.databases.isEmpty else { return [] }
    let script = "scripts/init-databases.sh"
    return [
      .file(FolderFile(script, .template(Templates.initDatabasesSh, databases.values), .executable)),
      .step(
        Step(
          "postgres.databases", "Make databases that are not there", requires: ["postgres.start"],
          action: .execute("db", ["/bin/bash", Text("/\(script)")]),
          inputs: [.volume("postgres-data"), .file(script)] + databases.roles.map { .setting($0.setting) },
          deadline: 60)),
    ]
  }

  /// Who may connect from where, in the columns of the server's own file.
  private func rules(_ list: DatabaseList) -> [String: TemplateValue] {
    let databases = list.all.sorted { $0.name < $1.name }
    return [
      "access": .text(Text(list.access)),
      "has_roles": .flag(!list.roles.isEmpty),
      "listed": .text(Text(list.roles.map(\.name).listed)),
      "roles": .list(list.roles.map { ["padded": .text(Text($0.name.padded(to: 7)))] }),
      "rules": .list(
        databases.enumerated().map { index, database in
          [
            "rule": .text(Text("\(database.name.padded(to: 15))  \(database.role.padded(to: 7))")),
            "has_next": .flag(index + 1 < databases.count),
          ]
        }),
    ]
  }
}
