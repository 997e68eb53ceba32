import Foundation
import TestSupport
import Testing

extension EndToEnd {
  @Suite struct Authority {
    private let stage = Stage.shared

    @Test func anAuthorityOfTheUsersIsTrustedWhileItsFileIsThere() async throws {
      try await stage.stopped()
      let authority = try await TestAuthority(for: stage)
      let file = "\(stage.folder)/ssl/ca-certificates/mine.crt"
      try FileManager.default.copyItem(atPath: authority.file, toPath: file)
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
  }
}

/// A certificate authority of our own, with a certificate for NGINX and the database in the deployment's folder.
struct TestAuthority {
  private let scratch: Scratch

  /// The authority's certificate.
  var file: String { scratch.file("ca.crt") }

  init(for stage: Stage) async throws {
    scratch = try Scratch()
    let script = """
      set -e
      openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=Test -keyout ca.key -out ca.crt
      openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr
      printf 'subjectAltName=DNS:localhost,IP:127.0.0.1' >names
      openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile names -out server.crt
      for place in nginx db; do install -m 600 server.key server.crt "$0/ssl/$place/"; done
      """
    let made = try await Tool.run("bash", ["-c", script, stage.folder], in: scratch.path)
    try #require(made.succeeded, "\(made.errors)")
  }
}
