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

// MARK: -

/// A real PostgreSQL is told by `manage-postgres-ssl.sh` whom to let in.
@Suite(.enabled(if: Tool.isStrict || Cluster.programs != nil, "PostgreSQL's server is not installed"))
struct PostgresAccessTests {
  private let folder: RenderedFolder

  init() throws {
    folder = try RenderedFolder()
  }

  /// A server that is set up and can be reached from outside, with a rule of the user's.
  private func cluster() async throws -> Cluster {
    let cluster = try await Cluster(listening: true)
    #expect(try await cluster.initialize(folder).succeeded)
    try cluster.append("# mine\nhost lab reader 10.0.0.0/8 scram-sha-256\n", to: "data/pg_hba.conf")
    return cluster
  }

  private static let inside = [
    "local|all|all||trust", "host|all|all|127.0.0.1|trust", "host|all|all|::1|trust", "local|replication|all||trust",
    "host|replication|all|127.0.0.1|trust", "host|replication|all|::1|trust",
  ]

  @Test func theRulesOfTheReferenceComeFirstAndTheUsersOwnStay() async throws {
    let cluster = try await cluster()
    #expect(try await cluster.manage(folder, ["--no-ssl"]).succeeded)
    let outside = ["mlflow-tracking", "restapi"].map { "host|\($0)|dioptra|all|scram-sha-256" }
    #expect(
      try await cluster.rules() == Self.inside + outside + Self.inside + ["host|lab|reader|10.0.0.0|scram-sha-256"])
    #expect(
      try cluster.scratch.read("data/pg_hba.conf").hasSuffix("\n# mine\nhost lab reader 10.0.0.0/8 scram-sha-256\n"))
    #expect(try cluster.scratch.mode("data/pg_hba.conf") == "0600")
    #expect(try cluster.scratch.owner("data/pg_hba.conf") == cluster.scratch.owner("data"))
  }

  @Test func aSecondRunChangesNothing() async throws {
    let cluster = try await cluster()
    #expect(try await cluster.manage(folder, ["--no-ssl"]).succeeded)
    let rules = "# above\n\n" + (try cluster.scratch.read("data/pg_hba.conf")) + "host all all all scram-sha-256"
    try cluster.replace("data/pg_hba.conf", with: rules)
    #expect(try await cluster.manage(folder, ["--no-ssl"]).succeeded)
    #expect(try cluster.scratch.read("data/pg_hba.conf") == rules + "\n")
  }

  @Test func fromOutsideDioptraReachesItsDatabasesAndNobodyElseAny() async throws {
    let cluster = try await cluster()
    _ = try await cluster.query("ALTER ROLE postgres PASSWORD 'pw'")
    #expect(try await cluster.logIn("postgres", "pw", database: "restapi").succeeded)
    #expect(try await cluster.manage(folder, []).succeeded)
    for database in ["restapi", "mlflow-tracking", "postgres"] {
      #expect(try await cluster.logIn("postgres", "pw", database: database).errors.contains("no pg_hba.conf entry"))
      #expect(
        try await cluster.logIn("dioptra", "pass-word", database: database).succeeded == (database != "postgres"))
    }
  }

  @Test(.needs("openssl")) func withTLSDioptraIsLetInEncryptedOnly() async throws {
    let cluster = try await cluster()
    try await cluster.makePair()
    #expect(try await cluster.manage(folder, ["--set-ssl-filepaths", "--ssl"]).succeeded)
    #expect(
      try await cluster.rules().dropFirst(6).prefix(3) == [
        "hostssl|mlflow-tracking|dioptra|all|scram-sha-256", "hostssl|restapi|dioptra|all|scram-sha-256",
        "hostnossl|all|dioptra|all|reject",
      ])
    for _ in 1...2 {
      #expect(try await cluster.logIn("dioptra", "pass-word", database: "restapi", tls: "verify-full").succeeded)
      #expect(try await cluster.logIn("dioptra", "pass-word", database: "restapi", tls: "disable").status != 0)
      try await cluster.listen()
    }
  }

  @Test(.needs("openssl")) func tlsCanBeSwitchedOffAgain() async throws {
    let cluster = try await cluster()
    try await cluster.makePair()
    #expect(try await cluster.manage(folder, ["--set-ssl-filepaths", "--ssl"]).succeeded)
    #expect(try await cluster.query("SHOW ssl") == "on")
    #expect(try await cluster.manage(folder, ["--no-ssl"]).succeeded)
    #expect(try await cluster.query("SHOW ssl") == "off")
    #expect(try await cluster.logIn("dioptra", "pass-word", database: "restapi", tls: "disable").succeeded)
  }

  @Test(.needs("openssl"), arguments: ["server.crt", "server.key", "other.key"])
  func aPairThatTheServerCannotLoadIsRefusedAndNothingChanges(fault: String) async throws {
    let cluster = try await cluster()
    try await cluster.makePair()
    if fault == "other.key" {
      try await cluster.makePair(certificate: "other.crt")
    } else {
      try FileManager.default.removeItem(atPath: cluster.scratch.file("certs/\(fault)"))
    }
    let files = ["data/pg_hba.conf", "data/postgresql.auto.conf"]
    let before = try files.map(cluster.scratch.read)
    let outcome = try await cluster.manage(folder, ["--set-ssl-filepaths", "--ssl"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("certs/server."))
    #expect(try files.map(cluster.scratch.read) == before)
    #expect(try await cluster.query("SHOW ssl") == "off")
  }

  @Test(arguments: ["hots all all all trust\n", "# BEGIN dioptra\n", "# END dioptra\n# BEGIN dioptra\n"])
  func rulesThatCannotBeReadAreRefusedAndNothingChanges(line: String) async throws {
    let cluster = try await cluster()
    try cluster.append(line, to: "data/pg_hba.conf")
    let before = try cluster.scratch.read("data/pg_hba.conf")
    #expect(try await cluster.manage(folder, ["--no-ssl"]).status == 1)
    #expect(try cluster.scratch.read("data/pg_hba.conf") == before)
    let names = try FileManager.default.contentsOfDirectory(atPath: cluster.scratch.file("data"))
    #expect(names.filter { $0.hasPrefix("pg_hba.conf") } == ["pg_hba.conf"])
  }
}

// MARK: -

/// A PostgreSQL server of its own for one test, set up as the image does it.
final class Cluster: Sendable {
  /// The folder of the server's programs.
  static let programs: String? = {
    let root = "/usr/lib/postgresql"
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    let folders = versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }.map { "\(root)/\($0)/bin" }
    return (folders + ["/usr/bin", "/usr/local/bin"]).first { FileManager.default.fileExists(atPath: "\($0)/initdb") }
  }()

  let scratch: Scratch
  let port = Int.random(in: 20_000...29_999)

  /// Where client programs find the server's socket.
  var environment: [String: String] { ["PGHOST": scratch.path, "PGPORT": "\(port)"] }

  /// A server that is only reached by its socket, as while the image runs its scripts, unless it is to listen on TCP.
  init(listening: Bool = false) async throws {
    scratch = try Scratch()
    if Rig.isRoot { _ = try await Tool.run("chown", ["postgres:", scratch.path]) }
    try await asServer(
      "initdb",
      [
        "--username=postgres", "--auth=trust", "--encoding=UTF8", "--wal-segsize=1", "--no-sync",
        "--pgdata=\(scratch.file("data"))",
      ])
    try append(
      """
      listen_addresses = '\(listening ? "127.0.0.1" : "")'
      port = \(port)
      unix_socket_directories = '\(scratch.path)'
      shared_buffers = 8MB
      max_connections = 12
      fsync = off

      """, to: "data/postgresql.conf")
    try append("\nhost all all all scram-sha-256\n", to: "data/pg_hba.conf")
    try await control("start")
  }

  /// Ends the server at once.
  deinit {
    guard let line = (try? scratch.read("data/postmaster.pid"))?.split(separator: "\n").first, let server = Int32(line)
    else { return }
    kill(server, SIGQUIT)
    for _ in 1...100 where kill(server, 0) == 0 { usleep(10_000) }
  }

  /// Lets the server listen on TCP too.
  func listen() async throws {
    try append("listen_addresses = '127.0.0.1'\n", to: "data/postgresql.conf")
    try await control("restart", "-m", "fast")
  }

  private func control(_ action: String...) async throws {
    try await asServer("pg_ctl", ["-w", "-D", scratch.file("data"), "-l", scratch.file("log")] + action)
  }

  /// The server refuses to be root.
  private func asServer(_ program: String, _ arguments: [String]) async throws {
    let command = ["\(try #require(Self.programs))/\(program)"] + arguments
    let user = Rig.isRoot ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : []
    let outcome = try await Tool.run("env", user + command, environment: ["LC_ALL": "C"], in: scratch.path)
    try #require(outcome.succeeded, "\(command): \(outcome.errors) \((try? scratch.read("log")) ?? "")")
  }

  func append(_ text: String, to file: String) throws {
    let handle = try #require(FileHandle(forWritingAtPath: scratch.file(file)))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
  }

  /// Runs `init-db.sh` as the image does.
  func initialize(_ folder: RenderedFolder, password: String = "pass-word") async throws -> Tool.Outcome {
    try await folder.run(
      "config/db/init-db.sh",
      environment: environment.merging(
        ["POSTGRES_USER": "postgres", "POSTGRES_DB": "postgres", "POSTGRES_USER_DIOPTRA_PASSWORD": password]) { $1 })
  }

  /// Runs `manage-postgres-ssl.sh` as `root` runs it inside the container, with another folder of certificates.
  func manage(_ folder: RenderedFolder, _ arguments: [String]) async throws -> Tool.Outcome {
    let script = try folder.scratch.read("scripts/manage-postgres-ssl.sh")
    let copy = try Scratch()
    try copy.write(script.replacing("/var/lib/postgresql/certs", with: scratch.file("certs")), to: "manage.sh")
    return try await Tool.run("/bin/bash", [copy.file("manage.sh")] + arguments, environment: environment)
  }

  /// The rules that the server has read.
  func rules() async throws -> [String] {
    try await query(
      """
      SELECT type, array_to_string(database, ','), array_to_string(user_name, ','), address, auth_method
      FROM pg_hba_file_rules ORDER BY line_number
      """
    ).components(separatedBy: "\n")
  }

  /// Makes a key, and a certificate that says who the server is.
  func makePair(certificate: String = "server.crt") async throws {
    try scratch.makeFolder("certs")
    let outcome = try await Tool.run(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
        "/CN=db", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "server.key", "-out", certificate,
      ], in: scratch.file("certs"))
    try #require(outcome.succeeded, "\(outcome.errors)")
    if Rig.isRoot { _ = try await Tool.run("chown", ["-R", "postgres:", scratch.file("certs")]) }
  }

  /// Writes a file of the server's anew and leaves its owner.
  func replace(_ file: String, with text: String) throws {
    let handle = try #require(FileHandle(forWritingAtPath: scratch.file(file)))
    try handle.truncate(atOffset: 0)
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
  }

  /// Rows of a query by the superuser, columns with `|` between them.
  func query(_ sql: String, in database: String = "postgres") async throws -> String {
    let outcome = try await Tool.run(
      "psql", ["-AtXq", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", database, "-c", sql], environment: environment)
    try #require(outcome.succeeded, "\(outcome.errors)")
    return outcome.output.trimmingCharacters(in: .newlines)
  }

  /// Runs a client that the server sees coming from another address than its own.
  func fromOutside(_ command: [String], environment: [String: String] = [:]) async throws -> Tool.Outcome {
    try await Tool.run("python3", [Rig.file("postgres/outside.py"), "\(port)"] + command, environment: environment)
  }

  func logIn(
    _ role: String, _ password: String, database: String, tls: String = "prefer"
  ) async throws -> Tool.Outcome {
    try await fromOutside(
      ["psql", "-AtXw", "-U", role, "-d", database, "-c", "SELECT current_user"],
      environment: ["PGPASSWORD": password, "PGSSLMODE": tls, "PGSSLROOTCERT": scratch.file("certs/server.crt")])
  }
}
