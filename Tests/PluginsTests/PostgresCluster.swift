import DioptraKitCore
import Foundation
import TestSupport
import Testing

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

  /// Rewrites a file of the server's and keeps its owner.
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
