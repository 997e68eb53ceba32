import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// What would damage data is refused before anything is touched, with the way out.
  @Suite struct Guarded {
    private let stage = Stage.shared

    @Test func volumesOfAnotherDeploymentAreRefused() async throws {
      try await stage.stopped()
      defer { try? FileManager.default.removeItem(atPath: "\(stage.place)/other") }
      let outcome = try await Tool.run(
        Tool.dioptra, ["init", "other", "--no-input"], environment: Engine.environment, in: stage.place)
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains("belongs to the deployment"))
      #expect(outcome.errors.contains("project_slug"))
      #expect(try await stage.leftovers() == [])
    }

    @Test func dataSealedWithAnotherKeyAreRefused() async throws {
      try await stage.stopped()
      let file = URL(filePath: "\(stage.folder)/.env")
      let text = try String(contentsOf: file, encoding: .utf8)
      let key = try await stage.setting("MINIO_KMS_SECRET_KEY")
      try await afterwards {
        let other = text.replacing(key, with: "my-key:" + String(repeating: "A", count: 43) + "=")
        try Data(other.utf8).write(to: file)
        let outcome = try await stage.dioptra("init", status: 1)
        #expect(outcome.errors.contains("made with another MINIO_KMS_SECRET_KEY"))
        #expect(!outcome.errors.contains(key))
      } putBack: {
        try Data(text.utf8).write(to: file)
        try await stage.dioptra("init")
      }
    }

    @Test func dataOfAnotherMajorVersionOfTheDatabaseAreRefused() async throws {
      try await stage.stopped()
      try await afterwards {
        try await stage.docker("tag", "postgres:17", "postgres:16")
        try await stage.dioptra("config", "set", "postgres_container_tag=16")
        let outcome = try await stage.dioptra("init", status: 1)
        #expect(outcome.errors.contains("are of PostgreSQL 17, which PostgreSQL 16 cannot use"))
        #expect(outcome.errors.contains("dioptra config set postgres_container_tag=17"))
        #expect(try await stage.leftovers() == [])
      } putBack: {
        try await stage.dioptra("config", "set", "postgres_container_tag=17")
        try await stage.dioptra("init")
        try await stage.docker("rmi", "postgres:16")
      }
    }

    @Test func aCertificateThatIsNotThereIsNamed() async throws {
      try await stage.stopped()
      for name in ["server.crt", "server.key"] {
        try? FileManager.default.removeItem(atPath: "\(stage.folder)/ssl/nginx/\(name)")
      }
      try await afterwards {
        try await stage.dioptra("config", "set", "enable_nginx_ssl=true")
        let outcome = try await stage.dioptra("init", status: 1)
        #expect(outcome.errors.contains("NGINX needs ssl/nginx/server.crt, which is missing"))
      } putBack: {
        try await stage.dioptra("config", "set", "enable_nginx_ssl=false")
        try await stage.dioptra("init")
      }
    }

    /// Gives the shared stage back as it was, also where a test ends early: the other suites go on from it.
    private func afterwards(_ test: () async throws -> Void, putBack: () async throws -> Void) async throws {
      do {
        try await test()
      } catch {
        try? await putBack()
        throw error
      }
      try await putBack()
    }
  }
}
