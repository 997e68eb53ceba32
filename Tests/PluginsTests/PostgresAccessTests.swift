import DioptraKitCore
import Foundation
import TestSupport
import Testing

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

  @Test func fromOutsideOnlyDioptraReachesItsDatabases() async throws {
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
