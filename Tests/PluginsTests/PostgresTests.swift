import DioptraKitCore
import Foundation
import TestSupport
import Testing

/// A real PostgreSQL runs `init-db.sh`.
@Suite(.enabled(if: Tool.isStrict || Cluster.programs != nil, "PostgreSQL's server is not installed"))
struct PostgresTests {
  private let folder: RenderedFolder

  init() throws {
    folder = try RenderedFolder()
  }

  @Test func initDBMakesARoleThatMayLogInAndNothingElse() async throws {
    let cluster = try await Cluster()
    #expect(try await cluster.initialize(folder).succeeded)
    #expect(
      try await cluster.query(
        """
        SELECT rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, rolinherit
        FROM pg_roles WHERE rolname = 'dioptra'
        """) == "t|f|f|f|f|f|t")
    #expect(
      try await cluster.query("SELECT rolpassword FROM pg_authid WHERE rolname = 'dioptra'")
        .hasPrefix("SCRAM-SHA-256$"))
  }

  @Test func initDBLeavesTheDatabasesToDioptraAlone() async throws {
    let cluster = try await Cluster()
    #expect(try await cluster.initialize(folder).succeeded)
    #expect(
      try await cluster.query(
        """
        SELECT datname, datdba::regrole, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END AS who,
          string_agg(privilege_type, ',' ORDER BY privilege_type)
        FROM pg_database, aclexplode(datacl) WHERE datname IN ('restapi', 'mlflow-tracking')
        GROUP BY datname, datdba, who ORDER BY datname, who
        """) == """
          mlflow-tracking|postgres|dioptra|CONNECT,CREATE,TEMPORARY
          mlflow-tracking|postgres|postgres|CONNECT,CREATE,TEMPORARY
          restapi|postgres|dioptra|CONNECT,CREATE,TEMPORARY
          restapi|postgres|postgres|CONNECT,CREATE,TEMPORARY
          """)
  }

  @Test func initDBLeavesTheSchemaPublicToDioptraAlone() async throws {
    let cluster = try await Cluster()
    #expect(try await cluster.initialize(folder).succeeded)
    for database in ["restapi", "mlflow-tracking"] {
      let grants = try await cluster.query(
        """
        SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END AS who,
          string_agg(privilege_type, ',' ORDER BY privilege_type)
        FROM pg_namespace, aclexplode(nspacl)
        WHERE nspname = 'public' AND grantee NOT IN ('postgres'::regrole, 'pg_database_owner'::regrole) GROUP BY who
        """, in: database)
      #expect(grants == "dioptra|CREATE,USAGE", "\(database)")
    }
  }

  @Test func dioptraLogsInWithTheAddressInTheSettings() async throws {
    let scratch = try Scratch()
    let made = try await Tool.run(Tool.dioptra, ["init", scratch.file("made"), "--no-input", "--render-only"])
    try #require(made.succeeded, "\(made.errors)")
    let lines = try scratch.read("made/.env").split(separator: "\n")
    func value(_ name: String) -> String? {
      lines.first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
    }
    let password = try #require(value("POSTGRES_USER_DIOPTRA_PASSWORD"))
    let cluster = try await Cluster()
    #expect(try await cluster.initialize(folder, password: password).succeeded)
    try await cluster.listen()
    for name in ["DIOPTRA_RESTAPI_DATABASE_URI", "DIOPTRA_MLFLOW_TRACKING_DATABASE_URI"] {
      let address = try #require(value(name)).replacing("@dioptra-deployment-db/", with: "@/")
      let outcome = try await cluster.fromOutside([
        "psql", address, "-AtXc", "CREATE TABLE t (); SELECT current_user",
      ])
      #expect(outcome.output.hasSuffix("dioptra\n"), "\(outcome.errors)")
    }
  }

  @Test(arguments: ["it's \"so\" \\ $HOME$(id)`id` %27+%20 '; DROP ROLE dioptra; --\\", " "])
  func initDBTakesAnyPassword(password: String) async throws {
    let cluster = try await Cluster()
    #expect(try await cluster.initialize(folder, password: password).succeeded)
    try await cluster.listen()
    #expect(try await cluster.logIn("dioptra", password, database: "restapi").succeeded)
    #expect(try await cluster.logIn("dioptra", password + "x", database: "restapi").status != 0)
  }

  @Test func othersCannotConnectToTheDatabases() async throws {
    let cluster = try await Cluster()
    #expect(try await cluster.initialize(folder).succeeded)
    _ = try await cluster.query("CREATE ROLE stranger LOGIN PASSWORD 'pw'")
    try await cluster.listen()
    for database in ["restapi", "mlflow-tracking"] {
      let outcome = try await cluster.logIn("stranger", "pw", database: database)
      #expect(outcome.errors.contains("permission denied for database"))
    }
    #expect(try await cluster.logIn("stranger", "pw", database: "postgres").succeeded)
  }

  @Test func initDBStopsAtTheFirstFailure() async throws {
    let cluster = try await Cluster()
    _ = try await cluster.query("CREATE ROLE dioptra")
    let outcome = try await cluster.initialize(folder)
    #expect(outcome.status != 0)
    #expect(outcome.errors.contains("already exists"))
    #expect(try await cluster.query("SELECT count(*) FROM pg_database WHERE datname = 'restapi'") == "0")
  }

  @Test func initDBIsRefusedWithoutAPassword() async throws {
    let outcome = try await folder.run("config/db/init-db.sh", environment: ["POSTGRES_USER_DIOPTRA_PASSWORD": ""])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("POSTGRES_USER_DIOPTRA_PASSWORD"))
  }
}
