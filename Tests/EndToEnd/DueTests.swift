import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// What the ledger makes due when volumes are not those that it knows.
  @Suite struct Due {
    private let stage = Stage.shared

    @Test func aVolumeThatWasDeletedMakesExactlyItsStepsDue() async throws {
      try await stage.stopped()
      try await stage.docker("volume", "rm", "dioptra-deployment_minio-data")
      let due = try await stage.dioptra("init", "--dry-run", "--json", status: 2)
      #expect(due.output.contains("new or missing: dioptra-deployment_minio-data"))
      let run = try await ProgramRun.dioptra(["init"], in: stage.folder)
      #expect(run.status == 0, "\(run.errors)")
      #expect(Set(run.started) == ["volumes.prepare", "minio.start", "minio.setup", "services.stop"])
    }

    @Test func aVolumeRecreatedByComposeIsADifferentOne() async throws {
      try await stage.stopped()
      try await stage.docker("volume", "rm", "dioptra-deployment_redis-data")
      try await stage.docker(
        "volume", "create", "dioptra-deployment_redis-data", "--label",
        "org.dioptrakit.deployment=\(try await stage.identity())")
      #expect(
        try await stage.dioptra("init", "--dry-run", "--json", status: 2).output.contains(
          "dioptra-deployment_redis-data"))
      try await stage.dioptra("init")
    }
  }
}
