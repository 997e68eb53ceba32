import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// A deployment that the reference's form runs is taken over while it runs.
  @Suite struct Adopting {
    @Test func aRunningDeploymentIsAdoptedWithItsVolumesAndGoesOnRunning() async throws {
      let stage = try ReferenceStage(in: Stage.shared.place)
      try FileManager.default.createDirectory(atPath: Stage.shared.place, withIntermediateDirectories: true)
      try await Stage.shared.stopped()
      try await stage.bringUp()
      let superuser = "POSTGRES_PASSWORD=\(ReferenceForm.secrets["postgres_admin_password"] ?? "")"
      #expect(try await stage.logsIn(as: "postgres", password: superuser))
      let containers = try await stage.docker("compose", "ps", "--quiet")

      let looked = try await stage.dioptra("adopt", ".", "--dry-run", "--json")
      #expect(looked.status == 2, "\(looked.errors)")
      #expect(!FileManager.default.fileExists(atPath: "\(stage.folder)/.dioptra"))
      let start = ContinuousClock.now
      let adopted = try await stage.dioptra("adopt", ".", "--json")
      #expect(adopted.status == 0, "\(adopted.errors)")
      figure("adopt of a running deployment", (ContinuousClock.now - start).text)
      let report = try JSONSerialization.jsonObject(with: Data(adopted.output.utf8)) as? [String: Any] ?? [:]
      #expect((report["claims"] as? [String])?.count == 19, "\(report["claims"] ?? "")")
      #expect(((report["files"] as? [String: Any])?["edited"] as? [Any])?.isEmpty == true, "\(report["files"] ?? "")")

      #expect(try await stage.docker("compose", "ps", "--quiet") == containers)
      let drift = try await stage.dioptra("drift")
      #expect(drift.status == 0, "\(drift.output)\(drift.errors)")
      let shown = try await stage.dioptra("secret", "show", "postgres_admin_password")
      #expect(shown.output == "\(superuser)\n")
      for command in ["status", "ps", "history", "steps"] {
        let outcome = try await stage.dioptra(command)
        #expect(outcome.status == 0, "\(command): \(outcome.errors)")
      }
      #expect(try await stage.dioptra("stop").status == 0)
      let started = try await stage.dioptra("start", "--wait", "--timeout", "300")
      #expect(started.status == 0, "\(started.output.suffix(1000))\(started.errors)")
      #expect(try await stage.logsIn(as: "postgres", password: superuser))
      try await stage.clear()
    }
  }
}
