import DioptraKitCore

extension PostgresComponent {
  /// `postgres-data` is left to the image, which prepares it itself.
  var volumes: [Contribution] {
    let owner = VolumePreparation.Owner(option: "chown-postgres", help: "Owner of PostgreSQL's files", value: "999:999")
    let tls = VolumePreparation.Condition.on("enable_postgres_ssl")
    return [
      .volume(Volume("postgres-data", "PostgreSQL: database cluster")),
      .volume(Volume("postgres-docker-entrypoint-initdb-d", "PostgreSQL: script for the first start")),
      .volume(Volume("postgres-etc-postgresql", "PostgreSQL: the superuser's password")),
      .volume(Volume("postgres-var-certs", "PostgreSQL: certificate and key, when TLS is on")),
      .volumePreparation(
        VolumePreparation(
          "postgres-etc-postgresql", directoryOption: "postgres-etc-postgresql-dir", owner: owner,
          actions: [
            .init(.folder(mode: "0700")),
            // The image uses the file's whole content as the password.
            .init(
              .value(
                of: "POSTGRES_PASSWORD", in: "secrets/postgres-passwd.env", as: "postgres-passwd", mode: "0600")),
          ])),
      .volumePreparation(
        VolumePreparation(
          "postgres-docker-entrypoint-initdb-d", directoryOption: "postgres-initdb-d-dir", owner: owner,
          actions: [
            .init(.folder(mode: "0755")),
            .init(.copy("config/db/init-db.sh", as: "init-db.sh", mode: "0755")),
          ])),
      .volumePreparation(
        VolumePreparation(
          "postgres-var-certs", directoryOption: "postgres-var-certs-dir", owner: owner,
          actions: [
            .init(.copy("ssl/db/server.crt", as: "server.crt", mode: "0644"), when: tls),
            .init(.copy("ssl/db/server.key", as: "server.key", mode: "0600"), when: tls),
          ])),
    ]
  }

  /// Starts the server, which runs `init-db.sh` on an empty volume, then sets its access rules.
  func initialization(in context: Context) throws -> [Contribution] {
    let tls: [Text] = try context.isOn("enable_postgres_ssl") ? ["--set-ssl-filepaths", "--ssl"] : ["--no-ssl"]
    let superuser: [Text] = try [
      "--username", context["db_admin_username"], "--dbname", context["db_admin_database"],
    ]
    return try [
      .step(
        Step(
          "postgres.start", "Start PostgreSQL", requires: ["volumes.prepare"],
          action: .start(
            "db",
            // The image listens on TCP only after the scripts of its first start are done.
            readyWhen: ["pg_isready", "-q", "-h", "127.0.0.1", "-U", context["db_admin_username"]]),
          inputs: [.volume("postgres-data"), .file("config/db/init-db.sh"), .variable("postgres_container_tag")],
          deadline: 300)),
      .step(
        Step(
          "postgres.access", "Set PostgreSQL's access rules", requires: ["postgres.start"],
          action: .execute("db", ["/bin/bash", "/scripts/manage-postgres-ssl.sh"] + superuser + tls),
          inputs: [
            .volume("postgres-data"), .volume("postgres-var-certs"), .variable("enable_postgres_ssl"),
            .file("scripts/manage-postgres-ssl.sh"), .file("ssl/db/server.crt"), .file("ssl/db/server.key"),
          ],
          deadline: 60)),
    ]
  }
}
