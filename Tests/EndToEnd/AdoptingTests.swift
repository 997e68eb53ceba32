import Foundation
import Subprocess
import TestSupport
import Testing

extension EndToEnd {
  /// Deployments that the reference's form of a folder brought up, taken over and upgraded.
  @Suite struct Adopting {
    private let superuser = "POSTGRES_PASSWORD=\(ReferenceForm.secrets["postgres_admin_password"] ?? "")"

    @Test func aRunningDeploymentIsAdoptedUpgradedThroughDeathsAndKeepsItsDataAndPasswords() async throws {
      try await Stage.shared.stopped()
      let stage = try ReferenceStage(in: Stage.shared.place)
      try await stage.bringUp()
      let person = try API(scratch: Scratch(), base: "http://localhost")
      try await person.register("mary")
      _ = try await stage.execute("tfcpu-01", "python", "-", input: Running.artifact)
      let volumes = try await stage.volumes()

      try await adopt(stage)
      #expect(try await stage.volumes() == volumes)
      #expect(try await stage.dioptra("upgrade", "--dry-run").status == 2)
      let refused = try await stage.dioptra("upgrade")
      #expect(refused.status == 1 && refused.errors.contains("Stop the deployment with `dioptra stop`"))
      #expect(try await stage.dioptra("drift").status == 0)

      #expect(try await stage.dioptra("stop").status == 0)
      try await upgradeThroughDeaths(stage)
      // Claimed volumes are never labelled.
      for (name, labels) in volumes { #expect(try await stage.volumes()[name] == labels, "\(name)") }
      let started = try await stage.dioptra("start", "--wait", "--timeout", "300")
      try #require(started.status == 0, "\(started.output.suffix(1000))\(started.errors)")
      #expect(try await person.logIn("mary") == "200")
      let listed = try await stage.execute("pytorchcpu-01", "python", "-", input: Keeping.listing)
      #expect(listed.output.contains("note.txt"), "\(listed.errors)")
      #expect(try await stage.logsIn(as: "postgres", password: superuser))
      let role = ReferenceForm.secrets["postgres_user_dioptra_password"] ?? ""
      #expect(try await stage.logsIn(as: "dioptra", password: role))
      let engine = try await stage.dioptra("drift", "--engine")
      #expect(engine.status == 0, "\(engine.output)")
      #expect(try await stage.dioptra("upgrade", "--dry-run").status == 0)
      #expect(try await stage.dioptra("history", "verify").status == 0)
      try await stage.clear()
    }

    /// While it runs, and nothing of it is touched.
    private func adopt(_ stage: ReferenceStage) async throws {
      #expect(try await stage.logsIn(as: "postgres", password: superuser))
      let containers = try await stage.containers()
      let looked = try await stage.dioptra("adopt", ".", "--dry-run", "--json")
      #expect(looked.status == 2, "\(looked.errors)")
      #expect(!FileManager.default.fileExists(atPath: "\(stage.folder)/.dioptra"))
      let start = ContinuousClock.now
      let adopted = try await stage.dioptra("adopt", ".", "--json")
      try #require(adopted.status == 0, "\(adopted.errors)")
      figure("adopt of a running deployment", (ContinuousClock.now - start).text)
      let report = try JSONSerialization.jsonObject(with: Data(adopted.output.utf8)) as? [String: Any] ?? [:]
      #expect((report["claims"] as? [String])?.count == 19, "\(report["claims"] ?? "")")
      #expect(((report["files"] as? [String: Any])?["edited"] as? [Any])?.isEmpty == true, "\(report["files"] ?? "")")
      #expect(try await stage.containers() == containers)
      let drift = try await stage.dioptra("drift")
      #expect(drift.status == 0, "\(drift.output)\(drift.errors)")
      let shown = try await stage.dioptra("secret", "show", "postgres_admin_password")
      #expect(shown.output == "\(superuser)\n")
      for command in ["status", "ps", "history", "steps"] {
        let outcome = try await stage.dioptra(command)
        #expect(outcome.status == 0, "\(command): \(outcome.errors)")
      }
    }

    /// Killed in one step after the other, each upgrade resumes where the previous one ended.
    private func upgradeThroughDeaths(_ stage: ReferenceStage) async throws {
      var victims: Set<String> = []
      while victims.count < 30 {
        let run = try await ProgramRun.dioptra(
          ["upgrade"], in: stage.folder, environment: stage.environment, signal: .kill, butNot: victims)
        guard run.status == 137, let victim = run.started.first(where: { !victims.contains($0) }) else {
          try #require(run.status == 0, "\(run.errors)")
          break
        }
        victims.insert(victim)
      }
      figure("deaths that an upgrade went through", String(victims.count))
      for step in ["volumes.prepare", "minio.setup", "postgres.start", "restapi.start", "frontend.build"] {
        #expect(victims.contains(step), "\(step)")
      }
      #expect(try await stage.containers() == [])
      #expect(try await stage.dioptra("drift").status == 0)
    }

    @Test func anUpgradeChangesAPolicyOnTheLiveServer() async throws {
      try await Stage.shared.stopped()
      let images = ["container_registry": "", "container_tag": "dev"]
      let stage = try ReferenceStage("1.0.1", slug: "older-lab", values: images, in: Stage.shared.place)
      try await stage.tagImagesOfOnesOwn()
      try await stage.initialize()
      let policy = "policy mlflow-tracking-readwrite of dioptra-restapi"
      #expect(try await !stage.objectStore().contains(policy))
      let adopted = try await stage.dioptra("adopt", ".")
      try #require(adopted.status == 0, "\(adopted.output) \(adopted.errors)")
      let unnamed = try await stage.dioptra("upgrade")
      #expect(unnamed.status == 1 && unnamed.errors.contains("--release"))
      try await backUp(stage)
      // The backup is what the migrations without a way back ask for.
      let upgraded = try await stage.dioptra("upgrade", "--release", "1.1.0")
      try #require(upgraded.status == 0, "\(upgraded.output) \(upgraded.errors)")
      #expect(try await stage.objectStore().contains(policy))
      let compose = try String(contentsOfFile: "\(stage.folder)/docker-compose.yml", encoding: .utf8)
      #expect(compose.contains("- tensorflow_cpu"))
      try await stage.clear()
    }

    /// The reference's own services have to run for it.
    private func backUp(_ stage: ReferenceStage) async throws {
      let scratch = try Scratch()
      let stopped = try await stage.dioptra("backup", scratch.file("lab.dioptra-backup"))
      #expect(stopped.status == 1 && stopped.errors.contains("`dioptra start`"), "\(stopped.errors)")
      try await stage.docker("compose", "up", "--detach", "--wait", "\(stage.slug)-db")
      let made = try await stage.dioptra("backup", scratch.file("lab.dioptra-backup"))
      #expect(made.status == 0, "\(made.errors)")
      #expect(try await stage.dioptra("stop").status == 0)
    }
  }
}
