import DioptraKitCore
import Foundation
import TestSupport
import Testing

/// `init-named-volumes.sh` fills scratch folders in place of the volumes.
struct VolumeScriptTests {
  private static let options = [
    "nginx-conf-d": "nginx-conf-d-dir", "nginx-etc-ssl": "nginx-etc-ssl-dir", "minio-data": "minio-data-dir",
    "minio-certs": "minio-certs-dir", "mc-ca-certificates": "mc-ca-certificates-dir",
    "postgres-etc-postgresql": "postgres-etc-postgresql-dir",
    "postgres-docker-entrypoint-initdb-d": "postgres-initdb-d-dir", "postgres-var-certs": "postgres-var-certs-dir",
    "dbadmin-data": "dbadmin-data-dir", "dbadmin-ca-certificates": "dbadmin-certs-dir",
    "redis-data": "redis-data-dir",
  ]
  private static let owners = ["nginx", "minio", "mc", "postgres", "dbadmin", "redis"]

  private let folder: RenderedFolder
  private let volumes: Scratch

  init() throws {
    folder = try RenderedFolder()
    volumes = try Scratch()
    for volume in Self.options.keys { try volumes.makeFolder(volume) }
    try volumes.write("bundle\n", to: "nginx-etc-ssl/certs/ca-certificates.crt")
    for file in ["nginx/server.crt", "nginx/server.key", "db/server.crt", "db/server.key"] {
      try folder.scratch.write("pair \(file)\n", to: "ssl/\(file)")
    }
    try folder.scratch.write("first\n", to: "ssl/ca-certificates/first.crt")
    try folder.scratch.write("second\n", to: "ssl/ca-certificates/lab/second.crt")
  }

  /// Runs the script; every file stays with the user who runs the tests unless `owners` are the script's own.
  private func fill(_ flags: [String] = [], givingAway: Bool = false) async throws -> Tool.Outcome {
    try await folder.run(
      "scripts/init-named-volumes.sh",
      ["scripts", "config", "secrets", "ssl"].flatMap { ["--\($0)-dir", folder.scratch.file($0)] }
        + Self.options.map { "--\($0.value)=\(volumes.file($0.key))" }
        + (givingAway ? [] : Self.owners.flatMap { ["--chown-\($0)", Rig.owner] }) + flags)
  }

  @Test func theConfigurationOfNGINXIsThatOfHTTP() async throws {
    try volumes.write("stale", to: "nginx-conf-d/https_old.conf")
    try volumes.write("not ours", to: "nginx-conf-d/.keep")
    let outcome = try await fill()
    #expect(outcome.succeeded, "\(outcome.errors)")
    let names = try folder.scratch.files(below: "config/nginx").keys.filter { !$0.hasPrefix("https_") }
    #expect(names.contains("http_restapi.conf") && names.contains("stream_db.conf"))
    #expect(
      try volumes.files(below: "nginx-conf-d").filter { $0.key != ".keep" }
        == Dictionary(uniqueKeysWithValues: names.map { ($0, 0o644) }))
    #expect(volumes.has("nginx-conf-d/.keep"))
    #expect(try volumes.mode("nginx-conf-d") == "0755")
    for name in names {
      #expect(try volumes.read("nginx-conf-d/\(name)") == folder.scratch.read("config/nginx/\(name)"))
    }
  }

  @Test func theConfigurationOfNGINXIsThatOfHTTPSWhereAsked() async throws {
    #expect(try await fill().succeeded)
    #expect(try await fill(["--enable-nginx-ssl"]).succeeded)
    let names = try folder.scratch.files(below: "config/nginx").keys.filter { !$0.hasPrefix("http_") }
    #expect(Set(try volumes.files(below: "nginx-conf-d").keys) == Set(names))
  }

  @Test func theCertificatePairOfNGINXIsThereWithHTTPSOnly() async throws {
    #expect(try await fill(["--enable-nginx-ssl"]).succeeded)
    #expect(
      try volumes.files(below: "nginx-etc-ssl") == [
        "certs/ca-certificates.crt": 0o644, "server.crt": 0o644, "server.key": 0o600,
      ])
    #expect(try volumes.read("nginx-etc-ssl/server.key") == "pair nginx/server.key\n")
    #expect(try await fill(["--no-enable-nginx-ssl"]).succeeded)
    #expect(try volumes.files(below: "nginx-etc-ssl") == ["certs/ca-certificates.crt": 0o644])
  }

  @Test func theCertificatePairOfPostgreSQLIsCopiedWithTLSAndLeftWithout() async throws {
    #expect(try await fill().succeeded)
    #expect(try volumes.files(below: "postgres-var-certs").isEmpty)
    #expect(try await fill(["--enable-postgres-ssl"]).succeeded)
    #expect(try volumes.files(below: "postgres-var-certs") == ["server.crt": 0o644, "server.key": 0o600])
    #expect(try volumes.read("postgres-var-certs/server.crt") == "pair db/server.crt\n")
    #expect(try await fill().succeeded)
    #expect(try volumes.files(below: "postgres-var-certs") == ["server.crt": 0o644, "server.key": 0o600])
  }

  @Test func thePasswordFileHoldsTheBarePassword() async throws {
    #expect(try await fill().succeeded)
    #expect(try volumes.read("postgres-etc-postgresql/postgres-passwd") == "<postgres_admin_password>")
    #expect(try volumes.files(below: "postgres-etc-postgresql") == ["postgres-passwd": 0o600])
    #expect(try volumes.mode("postgres-etc-postgresql") == "0700")
  }

  @Test(arguments: [
    "it's \"$HOME\" \\n `x`", "POSTGRES_PASSWORD=words-and-7", " blanks ", "a=b=", "word=", "last-line",
  ])
  func thePasswordFileHoldsAnyPassword(password: String) async throws {
    let newline = password == "last-line" ? "" : "\n"
    try folder.scratch.write(
      "POSTGRES_USER=postgres\nPOSTGRES_PASSWORD=\(password)\(newline)", to: "secrets/postgres-passwd.env")
    #expect(try await fill().succeeded)
    #expect(try volumes.read("postgres-etc-postgresql/postgres-passwd") == password)
  }

  @Test func theDatabasesFirstScriptMayBeRun() async throws {
    #expect(try await fill().succeeded)
    #expect(try volumes.files(below: "postgres-docker-entrypoint-initdb-d") == ["init-db.sh": 0o755])
    #expect(try volumes.mode("postgres-docker-entrypoint-initdb-d") == "0755")
    #expect(
      try volumes.read("postgres-docker-entrypoint-initdb-d/init-db.sh") == folder.scratch.read("config/db/init-db.sh"))
  }

  @Test func theDataFoldersAreClosed() async throws {
    #expect(try await fill().succeeded)
    for volume in ["minio-data", "redis-data", "dbadmin-data"] { #expect(try volumes.mode(volume) == "0700") }
  }

  @Test func extraAuthoritiesReachMinIOAndItsClient() async throws {
    #expect(try await fill().succeeded)
    #expect(try volumes.files(below: "minio-certs") == ["CAs/first.crt": 0o644, "CAs/second.crt": 0o644])
    #expect(try volumes.files(below: "mc-ca-certificates") == ["first.crt": 0o644, "second.crt": 0o644])
    for name in ["minio-certs", "minio-certs/CAs", "mc-ca-certificates"] { #expect(try volumes.mode(name) == "0755") }
    #expect(try volumes.read("minio-certs/CAs/second.crt") == "second\n")
  }

  @Test func anAuthorityThatIsRemovedDisappears() async throws {
    #expect(try await fill().succeeded)
    try FileManager.default.removeItem(atPath: folder.scratch.file("ssl/ca-certificates/lab"))
    #expect(try await fill().succeeded)
    #expect(Set(try volumes.files(below: "minio-certs").keys) == ["CAs/first.crt"])
    try FileManager.default.removeItem(atPath: folder.scratch.file("ssl/ca-certificates/first.crt"))
    #expect(try await fill().succeeded)
    #expect(try volumes.files(below: "minio-certs").isEmpty)
    #expect(try volumes.files(below: "mc-ca-certificates").isEmpty)
  }

  @Test func pgAdminGetsTheBundleOfNGINX() async throws {
    #expect(try await fill().succeeded)
    #expect(try volumes.files(below: "dbadmin-ca-certificates") == ["cacert.pem": 0o644])
    #expect(try volumes.read("dbadmin-ca-certificates/cacert.pem") == "bundle\n")
    #expect(try volumes.mode("dbadmin-ca-certificates") == "0755")
  }

  @Test(arguments: [[], ["--enable-nginx-ssl", "--enable-postgres-ssl"]])
  func aSecondRunChangesNothing(flags: [String]) async throws {
    #expect(try await fill(flags).succeeded)
    let files = try volumes.files()
    let texts = try files.keys.sorted().map(volumes.read)
    #expect(try await fill(flags).succeeded)
    #expect(try volumes.files() == files)
    #expect(try files.keys.sorted().map(volumes.read) == texts)
  }

  @Test(arguments: [
    ("ssl/nginx/server.crt", "--enable-nginx-ssl"), ("ssl/nginx/server.key", "--enable-nginx-ssl"),
    ("ssl/db/server.crt", "--enable-postgres-ssl"), ("ssl/db/server.key", "--enable-postgres-ssl"),
  ])
  func aMissingFileOfAPairIsNamed(file: String, flag: String) async throws {
    try FileManager.default.removeItem(atPath: folder.scratch.file(file))
    let outcome = try await fill([flag])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains(folder.scratch.file(file)))
    #expect(try await fill().succeeded)
  }

  @Test func aVolumeThatIsNotMountedIsNamed() async throws {
    let outcome = try await fill(["--redis-data-dir", volumes.file("none")])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("redis-data"))
  }

  @Test func aPasswordFileWithoutAPasswordIsRefused() async throws {
    try folder.scratch.write("POSTGRES_USER=postgres\n", to: "secrets/postgres-passwd.env")
    let outcome = try await fill()
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("POSTGRES_PASSWORD"))
  }

  @Test(.enabled(if: Rig.isRoot, "only root gives files away"))
  func theFilesGoToTheOwnersOfTheReference() async throws {
    #expect(try await fill(["--enable-nginx-ssl", "--enable-postgres-ssl"], givingAway: true).succeeded)
    for (owner, names) in [
      "39000:100": [
        "nginx-conf-d", "nginx-conf-d/stream_db.conf", "nginx-etc-ssl/server.crt", "nginx-etc-ssl/server.key",
      ],
      "999:999": [
        "postgres-etc-postgresql", "postgres-etc-postgresql/postgres-passwd", "postgres-docker-entrypoint-initdb-d",
        "postgres-docker-entrypoint-initdb-d/init-db.sh", "postgres-var-certs/server.key", "redis-data",
      ],
      "5050:5050": ["dbadmin-data", "dbadmin-ca-certificates", "dbadmin-ca-certificates/cacert.pem"],
      "0:0": ["minio-data", "minio-certs", "minio-certs/CAs/first.crt", "mc-ca-certificates/first.crt"],
    ] {
      for name in names { #expect(try volumes.owner(name) == owner, "\(name)") }
    }
  }
}
