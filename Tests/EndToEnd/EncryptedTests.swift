import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// The same deployment with TLS, and without it again.
  @Suite struct Encrypted {
    private let stage = Stage.shared

    @Test func withCertificatesEverythingSpeaksTLSAndWithoutThemPlainAgain() async throws {
      try await stage.stopped()
      let authority = try Scratch()
      try await issue(authority)
      try await stage.dioptra(
        "config", "set", "enable_nginx_ssl=true", "enable_postgres_ssl=true", "nginx_server_name=localhost")
      try await stage.dioptra("init")
      try await stage.up()
      let trusted = ["-sS", "--cacert", authority.file("ca.crt"), "-o", "/dev/null", "-w", "%{http_code}"]
      #expect(try await Tool.run("curl", trusted + ["https://localhost/health"]).output == "200")
      #expect(try await Tool.run("curl", trusted + ["http://localhost/health"]).output == "301")
      #expect(try await Tool.run("curl", trusted + ["https://localhost:35000/"]).output == "200")
      let password = try await stage.setting("POSTGRES_USER_DIOPTRA_PASSWORD")
      func query(_ mode: String) async throws -> Tool.Outcome {
        try await Tool.run(
          "psql",
          [
            "host=localhost port=35432 user=dioptra dbname=restapi sslmode=\(mode) sslrootcert=\(authority.file("ca.crt"))",
            "-Atc", "select 1",
          ], environment: ["PGPASSWORD": password])
      }
      #expect(try await query("verify-full").output == "1\n")
      #expect(try await !query("disable").succeeded)
      try await stage.stopped()
      try await stage.dioptra("config", "set", "enable_nginx_ssl=false", "enable_postgres_ssl=false")
      try await stage.dioptra("init")
    }

    @Test func anAuthorityOfTheUsersIsTrustedWhileItsFileIsThere() async throws {
      try await stage.stopped()
      let authority = try Scratch()
      try await issue(authority)
      let file = "\(stage.folder)/ssl/ca-certificates/mine.crt"
      try FileManager.default.copyItem(atPath: authority.file("ca.crt"), toPath: file)
      let added = try await ProgramRun.dioptra(["init"], in: stage.folder)
      #expect(added.status == 0, "\(added.errors)")
      #expect(Set(added.started).isSuperset(of: ["trust.nginx", "trust.restapi", "trust.workers", "volumes.prepare"]))
      let end = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").dropLast().suffix(3)
        .joined(separator: "\n")
      #expect(try await bundle().contains(end))
      try FileManager.default.removeItem(atPath: file)
      try await stage.dioptra("init")
      #expect(try await !bundle().contains(end))
    }

    /// What the workers trust.
    private func bundle() async throws -> String {
      try await stage.docker(
        "run", "--rm", "--network", "none", "--volume", "dioptra-deployment_worker-etc-ssl:/store:ro",
        "--entrypoint", "cat", "ghcr.io/usnistgov/dioptra/nginx:1.1.0", "/store/certs/ca-certificates.crt")
    }

    /// A certificate of an authority of our own for NGINX and the database.
    private func issue(_ authority: Scratch) async throws {
      let script = """
        set -e
        openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=Test -keyout ca.key -out ca.crt
        openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr
        printf 'subjectAltName=DNS:localhost,IP:127.0.0.1' >names
        openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile names -out server.crt
        for place in nginx db; do install -m 600 server.key server.crt "$0/ssl/$place/"; done
        """
      let made = try await Tool.run("bash", ["-c", script, stage.folder], in: authority.path)
      try #require(made.succeeded, "\(made.errors)")
    }
  }
}
