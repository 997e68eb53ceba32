import Foundation
import Subprocess
import TestSupport
import Testing

extension EndToEnd {
  /// Deployments that folders of the reference's form brought up, taken over and upgraded.
  @Suite struct Adopting {
    private let stage = Stage.shared

    @Test func whatRunsIsAdoptedAndUpgradedThroughDeathsInEveryStepWithTheSameDataAndPasswords() async throws {
      try await stage.stopped()
      let old = try await AdoptedLab("1.1.0", slug: "adopted", of: stage)
      try await old.bringUp()
      let volumes = try await old.volumes()
      let person = try API(scratch: Scratch(), base: "http://localhost")
      try await person.register("mary")
      _ = try await old.execute("tfcpu-01", "python", "-", input: Running.artifact)

      let adopted = try await old.dioptra("adopt", old.folder)
      try #require(adopted.status == 0, "\(adopted.output) \(adopted.errors)")
      #expect(try await old.dioptra("drift").status == 0)
      #expect(try await old.volumes() == volumes)
      let plan = try await old.dioptra("upgrade", "--dry-run", "--json")
      #expect(plan.status == 2, "\(plan.errors)")
      let running = try await old.dioptra("upgrade")
      #expect(running.status == 1 && running.errors.contains("Stop the deployment with `dioptra stop`"))
      #expect(try await old.dioptra("drift").status == 0)

      try await old.require("stop")
      try await dieInEveryStep(old, plan.output)
      #expect(try await old.volumes().allSatisfy { volumes[$0.key] == nil || volumes[$0.key] == $0.value })
      let start = try await old.dioptra("start", "--wait", "--timeout", "600")
      try #require(start.status == 0, "\(start.errors)")
      #expect(try await person.logIn("mary") == "200")
      let listed = try await old.execute("pytorchcpu-01", "python", "-", input: Keeping.listing)
      #expect(listed.output.contains("note.txt"), "\(listed.errors)")
      let secrets = ReferenceForm.secrets
      let passwords = [
        "postgres": "POSTGRES_PASSWORD=\(secrets["postgres_admin_password"] ?? "")",
        "dioptra": secrets["postgres_user_dioptra_password"] ?? "",
      ]
      for (role, password) in passwords {
        let answer = try await Tool.run(
          "psql", ["host=localhost port=35432 user=\(role) dbname=restapi", "-Atc", "SELECT 1"],
          environment: ["PGPASSWORD": password])
        #expect(answer.output == "1\n", "\(role): \(answer.errors)")
      }
      let engine = try await old.dioptra("drift", "--engine")
      #expect(engine.status == 0, "\(engine.output)")
      #expect(try await old.dioptra("upgrade", "--dry-run").status == 0)
      #expect(try await old.dioptra("history", "verify").status == 0)
      try await old.remove()
    }

    /// Killed in one step after the other, each upgrade goes on where the one before ended.
    private func dieInEveryStep(_ old: AdoptedLab, _ plan: String) async throws {
      struct Plan: Decodable {
        struct Step: Decodable { let id: String }
        let steps: [Step]
      }
      let steps = try JSONDecoder().decode(Plan.self, from: Data(plan.utf8)).steps.map(\.id)
      #expect(steps.contains("minio.setup") && steps.contains("frontend.build"))
      var deaths = 0
      for step in steps where step != "images.pull" {
        let run = try await ProgramRun.dioptra(
          ["upgrade"], in: old.folder, environment: old.environment, signal: .kill, during: step)
        if run.status == 137 { deaths += 1 } else { try #require(run.status == 0, "\(run.errors)") }
      }
      figure("upgrade of an adopted deployment, deaths that it went through", String(deaths))
      #expect(deaths > 4)
      let last = try await ProgramRun.dioptra(["upgrade"], in: old.folder, environment: old.environment)
      #expect(last.status == 0, "\(last.errors)")
      #expect(try await old.containers() == "")
      #expect(try await old.dioptra("drift").status == 0)
    }

    @Test func anUpgradeChangesAPolicyOnTheLiveServer() async throws {
      try await stage.stopped()
      let old = try await AdoptedLab("1.0.1", slug: "older", of: stage)
      try await old.initialize()
      let policy = "policy mlflow-tracking-readwrite of dioptra-restapi"
      #expect(try await !old.objectStore().contains(policy))
      let adopted = try await old.dioptra("adopt", old.folder)
      try #require(adopted.status == 0, "\(adopted.output) \(adopted.errors)")
      let unnamed = try await old.dioptra("upgrade")
      #expect(unnamed.status == 1 && unnamed.errors.contains("--release"))
      let upgraded = try await old.dioptra(
        "upgrade", "--release", "1.1.0", "--allow-one-way", "restapi.schema-1.1", "--allow-one-way",
        "mlflow-tracking.schema-3.9")
      try #require(upgraded.status == 0, "\(upgraded.output) \(upgraded.errors)")
      #expect(try await old.objectStore().contains(policy))
      let compose = try String(contentsOfFile: "\(old.folder)/docker-compose.yml", encoding: .utf8)
      #expect(compose.contains("- tensorflow_cpu"))
      try await old.remove()
    }
  }
}

/// A folder of the reference's form beside the shared deployment, on the same engine and ports.
struct AdoptedLab {
  let folder: String
  private let slug: String
  private let stage: Stage
  let environment: [String: String]

  init(_ release: String, slug: String, of stage: Stage) async throws {
    self.slug = slug
    self.stage = stage
    folder = "\(stage.place)/\(slug)"
    try? FileManager.default.removeItem(atPath: folder)
    try await stage.removeVolumes(of: slug)
    let form = try ReferenceForm(release, values: ["deployment_name": slug], folder: folder, isRunnable: true)
    try form.write(to: folder)
    let figures = "\(stage.place)/figures.json"
    try Data(ReferenceForm.figures(isRunnable: true).utf8).write(to: URL(filePath: figures))
    environment = Engine.environment.merging(["DIOPTRA_REFERENCE_FIGURES": figures]) { $1 }
  }

  func dioptra(_ arguments: String...) async throws -> Tool.Outcome {
    try await Tool.run(Tool.dioptra, arguments, environment: environment, in: folder)
  }

  func require(_ arguments: String...) async throws {
    let outcome = try await Tool.run(Tool.dioptra, arguments, environment: environment, in: folder)
    try #require(outcome.succeeded, "\(arguments): \(outcome.errors)")
  }

  /// As the folder's own script does it.
  func initialize() async throws {
    let run = try await Tool.run(
      "\(folder)/init-deployment.sh", environment: Engine.environment.merging(["DIOPTRA_STANDALONE": "1"]) { $1 },
      in: folder)
    try #require(run.succeeded, "\(run.output.suffix(2000)) \(run.errors.suffix(2000))")
  }

  /// Until every service is healthy.
  func bringUp() async throws {
    try await initialize()
    let up = try await Tool.run(
      "docker", ["compose", "up", "--detach", "--wait", "--wait-timeout", "600"], environment: Engine.environment,
      in: folder)
    try #require(up.succeeded, "\(up.errors.suffix(2000))")
  }

  func execute(_ service: String, _ command: String..., input: String = "") async throws -> Tool.Outcome {
    try await Tool.run(
      "docker", ["compose", "exec", "-T", "\(slug)-\(service)"] + command, input: input,
      environment: Engine.environment, in: folder)
  }

  /// What is in the object store, as its own client tells.
  func objectStore() async throws -> String {
    func compose(_ words: String...) async throws -> Tool.Outcome {
      try await Tool.run("docker", ["compose"] + words, environment: Engine.environment, in: folder)
    }
    _ = try await compose("up", "--detach", "--wait", "\(slug)-minio")
    let listed = try await compose(
      "-f", "docker-compose.init.yml", "run", "--rm", "--no-deps", "-T", "mc", "/scripts/init-minio.sh", "--list")
    _ = try await compose("down")
    try #require(listed.succeeded, "\(listed.errors)")
    return listed.output
  }

  /// The labels of the deployment's volumes, by name.
  func volumes() async throws -> [String: String] {
    let lines = try await stage.docker(
      "volume", "ls", "--filter", "name=^\(slug)_", "--format", "{{.Name}} {{.Labels}}"
    ).split(separator: "\n").map { $0.split(separator: " ", maxSplits: 1).map(String.init) }
    return Dictionary(lines.map { ($0[0], $0.count > 1 ? $0[1] : "") }) { $1 }
  }

  /// The deployment's containers, of whatever kind.
  func containers() async throws -> String {
    try await stage.docker("ps", "--all", "--quiet", "--filter", "label=com.docker.compose.project=\(slug)")
  }

  func remove() async throws {
    _ = try await Tool.run(
      "docker", ["compose", "down", "--volumes", "--remove-orphans"], environment: Engine.environment, in: folder)
    try await stage.removeVolumes(of: slug)
    try FileManager.default.removeItem(atPath: folder)
  }
}
