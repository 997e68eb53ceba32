import DioptraKitCore

extension PostgresComponent {
  /// The roles come first, because the databases grant them permissions.
  ///
  /// Everything runs as the superuser over the container's local socket, which asks for no password.
  func backups(of databases: DatabaseList, in context: Context) throws -> [Contribution] {
    try [.backupData(.dump(roles(in: context)))]
      + databases.all.map { .backupData(.dump(try database($0.name, in: context))) }
  }

  private func roles(in context: Context) throws -> ServiceDump {
    let superuser = try context["db_admin_username"]
    // An existing role gets the attributes and the password of the dump.
    let restore = #"""
      sed -E 's/^CREATE ROLE (.*);$/DO $dioptra$ BEGIN CREATE ROLE \1; EXCEPTION WHEN duplicate_object THEN END $dioptra$;/' |
        psql --no-psqlrc --no-password --quiet --set ON_ERROR_STOP=1 --username "$1" --dbname "$2" --output /dev/null
      """#
    return try ServiceDump(
      "roles.sql", "the database's roles", of: "db", in: "postgres-data",
      write: ["pg_dumpall", "--roles-only", "--no-password", "--username", superuser],
      check: ["bash", "-c", "grep -qx -e '-- PostgreSQL database cluster dump complete'"],
      restore: ["bash", "-o", "pipefail", "-c", Text(restore), "roles", superuser, context["db_admin_database"]])
  }

  private func database(_ name: String, in context: Context) throws -> ServiceDump {
    let superuser: [Text] = try ["--no-password", "--username", context["db_admin_username"]]
    return try ServiceDump(
      "\(name).dump", "the database \(name)", of: "db", in: "postgres-data",
      write: ["pg_dump", "--format=custom"] + superuser + [Text(name)],
      check: ["pg_restore", "--file=/dev/null"],
      restore: ["pg_restore", "--clean", "--if-exists", "--create", "--exit-on-error"] + superuser
        + ["--dbname", context["db_admin_database"]])
  }
}
