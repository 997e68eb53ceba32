import DioptraKitCore
import Foundation
import TestSupport
import Testing

/// What the component contributes for backups, run by a real PostgreSQL.
@Suite(.enabled(if: Tool.isStrict || Cluster.programs != nil, "PostgreSQL's server is not installed"))
struct PostgresBackupTests {
  private let folder: RenderedFolder
  private let dumps: [ServiceDump]

  init() throws {
    folder = try RenderedFolder()
    dumps = try RenderedFolder.deployment().blueprint.backupData.compactMap { data in
      if case .dump(let dump) = data.value { dump } else { nil }
    }
  }

  /// Runs a command of a dump. What it writes goes to a file, what it reads comes from one.
  private func run(
    _ command: [Text], of cluster: Cluster, to output: String = "/dev/null", from input: String = "/dev/null"
  ) async throws -> Tool.Outcome {
    let words = try command.map { try #require($0.characters) }
    let path = "\(Cluster.programs ?? ""):/usr/bin:/bin"
    return try await Tool.run(
      "bash", ["-c", #"exec "${@:3}" <"$1" >"$2""#, "run", input, output] + words,
      environment: cluster.environment.merging(["PATH": path]) { $1 })
  }

  private func cluster() async throws -> Cluster {
    let cluster = try await Cluster()
    #expect(try await cluster.initialize(folder).succeeded)
    return cluster
  }

  @Test func rolesAndDatabasesComeBackInAnotherServerAsOftenAsOneLikes() async throws {
    let (source, target) = (try await cluster(), try await cluster())
    let scratch = try Scratch()
    #expect(dumps.map(\.name) == ["roles.sql", "restapi.dump", "mlflow-tracking.dump"])
    _ = try await source.query(
      #"CREATE ROLE "odd ""name; role" LOGIN PASSWORD 'x'; CREATE ROLE readers; GRANT readers TO dioptra"#)
    _ = try await source.query("ALTER ROLE dioptra PASSWORD 'another' CONNECTION LIMIT 7")
    _ = try await source.query(
      "CREATE TABLE kept (value text); INSERT INTO kept VALUES ('a\nb'); GRANT SELECT ON kept TO readers", in: "restapi"
    )
    _ = try await source.query("CREATE TABLE runs (id int)", in: "mlflow-tracking")
    _ = try await target.query("CREATE TABLE later (id int)", in: "restapi")
    for dump in dumps {
      let written = try await run(dump.write, of: source, to: scratch.file(dump.name))
      #expect(written.succeeded, "\(dump.name): \(written.errors)")
      let checked = try await run(dump.check, of: source, from: scratch.file(dump.name))
      #expect(checked.succeeded, "\(dump.name): \(checked.errors)")
    }
    for time in 1...2 {
      for dump in dumps {
        let restored = try await run(dump.restore, of: target, from: scratch.file(dump.name))
        #expect(restored.succeeded, "\(dump.name), time \(time): \(restored.errors)")
      }
    }
    let roles =
      "SELECT rolname, rolcanlogin, rolconnlimit, rolpassword FROM pg_authid WHERE rolname !~ '^pg_' ORDER BY 1"
    #expect(try await target.query(roles) == source.query(roles))
    let rights = "SELECT datname, datacl::text FROM pg_database ORDER BY 1"
    #expect(try await target.query(rights) == source.query(rights))
    #expect(try await target.query("SELECT value FROM kept", in: "restapi") == "a\nb")
    #expect(try await target.query("SELECT to_regclass('later')", in: "restapi") == "")
    #expect(
      try await target.query("SELECT relacl::text FROM pg_class WHERE relname = 'kept'", in: "restapi").contains(
        "readers=r"))
    #expect(
      try await target.query("SELECT nspacl::text FROM pg_namespace WHERE nspname = 'public'", in: "restapi")
        == source.query("SELECT nspacl::text FROM pg_namespace WHERE nspname = 'public'", in: "restapi"))
    #expect(try await target.query("SELECT count(*) FROM pg_auth_members WHERE roleid = 'readers'::regrole") == "1")
  }

  @Test func aDumpThatIsCutOffIsFound() async throws {
    let source = try await cluster()
    let scratch = try Scratch()
    _ = try await source.query(
      "CREATE TABLE kept AS SELECT md5(i::text) FROM generate_series(1, 20000) i", in: "restapi")
    for dump in dumps.prefix(2) {
      _ = try await run(dump.write, of: source, to: scratch.file(dump.name))
      let bytes = try Data(contentsOf: URL(filePath: scratch.file(dump.name)))
      for length in [0, 10, bytes.count / 2, bytes.count - 60] {
        try bytes.prefix(length).write(to: URL(filePath: scratch.file("cut")))
        let checked = try await run(dump.check, of: source, from: scratch.file("cut"))
        #expect(!checked.succeeded, "\(dump.name), \(length) of \(bytes.count) bytes")
        if length > 10 {
          #expect(
            try await !run(dump.restore, of: source, from: scratch.file("cut")).succeeded || dump.name == "roles.sql")
        }
      }
    }
  }

  @Test func aFailureInTheMiddleIsAFailure() async throws {
    let target = try await cluster()
    let scratch = try Scratch()
    try scratch.write("CREATE ROLE dioptra;\nALTER ROLE nobody_knows LOGIN;\n", to: "roles.sql")
    let restored = try await run(try #require(dumps.first).restore, of: target, from: scratch.file("roles.sql"))
    #expect(!restored.succeeded && restored.errors.contains("nobody_knows"))
  }
}
