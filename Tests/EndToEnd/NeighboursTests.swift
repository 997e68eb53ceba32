import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// Folders that could be taken for the deployment's.
  @Suite struct Neighbours {
    private let stage = Stage.shared

    @Test func aCopyOfTheFolderStartsAndStopsNothingOfTheDeployment() async throws {
      try await stage.up()
      let before = try await stage.docker("ps", "--quiet", "--no-trunc")
      let copy = "\(stage.place)/copy"
      try? FileManager.default.removeItem(atPath: copy)
      _ = try await Tool.run("cp", ["-a", stage.folder, copy])
      for command in ["start", "restart", "stop", "init", "upgrade", "backup"] {
        let outcome = try await Tool.run(
          Tool.dioptra, [command, "-C", copy], environment: Engine.environment, in: stage.place)
        #expect(outcome.status == 1, "\(command)")
        #expect(outcome.errors.contains("is a copy of the deployment in \(stage.folder)"), "\(outcome.errors)")
      }
      // What starts without the program is refused as well.
      let script = try await Tool.run(
        "\(copy)/init-deployment.sh", ["--check"], environment: Engine.environment, in: copy)
      #expect(script.status == 1)
      #expect(script.errors.contains("a container of the folder \(stage.folder) uses"), "\(script.errors)")
      #expect(try await stage.docker("ps", "--quiet", "--no-trunc") == before)
      #expect(try await Tool.run("curl", ["-sS", "http://localhost/health"]).output.contains("healthy"))

      let made = try await Tool.run(
        Tool.dioptra, ["init", copy, "--as-new", "copied", "--render-only", "--no-input"],
        environment: Engine.environment, in: stage.place)
      try #require(made.status == 0, "\(made.errors)")
      let stopped = try await Tool.run(Tool.dioptra, ["stop", "-C", copy], environment: Engine.environment)
      #expect(stopped.status == 0, "\(stopped.errors)")
      let started = try await Tool.run(Tool.dioptra, ["start", "-C", copy], environment: Engine.environment)
      #expect(started.status == 1)
      #expect(started.errors.contains("the deployment is not initialised"), "\(started.errors)")
      #expect(try await stage.docker("ps", "--quiet", "--no-trunc") == before)
      try FileManager.default.removeItem(atPath: copy)
    }

    @Test func anotherFolderOfTheSameNameIsAnotherProject() async throws {
      try await stage.up()
      let before = try await stage.docker("ps", "--quiet", "--no-trunc")
      let other = "\(stage.place)/elsewhere/lab"
      let made = try await Tool.run(
        Tool.dioptra, ["init", other, "--set", "deployment_name=Elsewhere", "--render-only", "--no-input"],
        environment: Engine.environment, in: stage.place)
      try #require(made.status == 0, "\(made.errors)")
      let stopped = try await Tool.run(Tool.dioptra, ["stop", "-C", other], environment: Engine.environment)
      #expect(stopped.status == 0, "\(stopped.errors)")
      _ = try await Tool.run(
        "docker", ["compose", "down", "--remove-orphans"], environment: Engine.environment, in: other)
      #expect(try await stage.docker("ps", "--quiet", "--no-trunc") == before)
      try FileManager.default.removeItem(atPath: "\(stage.place)/elsewhere")
    }

    @Test func theDataMoveToAnotherPrefixAndBack() async throws {
      try await stage.up()
      let note = try await stage.execute("tfcpu-01", "python", "-", input: Running.artifact)
      try #require(note.succeeded, "\(note.errors)")
      try await stage.stopped()
      // Killed in the middle, the same command finishes it.
      let killed = try Companion(
        Tool.dioptra, ["rename", "moved-lab", "-C", stage.folder], environment: Engine.environment)
      try await Task.sleep(for: .seconds(2))
      killed.end()
      let start = ContinuousClock.now
      try await stage.dioptra("rename", "moved-lab")
      figure("rename", (ContinuousClock.now - start).text)
      #expect(try await stage.docker("volume", "ls", "--quiet", "--filter", "name=^dioptra-deployment_") == "")
      #expect(try await stage.leftovers() == [])
      try await stage.dioptra("start", "--wait", "--timeout", "600")
      let listed = try await Tool.run(
        "docker", ["compose", "exec", "-T", "moved-lab-pytorchcpu-01", "python", "-"], input: Keeping.listing,
        environment: Engine.environment, in: stage.folder)
      #expect(listed.output.contains("note.txt"), "\(listed.errors)")
      #expect(try await stage.dioptra("drift").status == 0)
      try await stage.dioptra("rename", "dioptra-deployment")
      #expect(try await stage.docker("volume", "ls", "--quiet", "--filter", "name=^moved-lab_") == "")
      #expect(try await ProgramRun.dioptra(["init"], in: stage.folder).started == [])
    }
  }
}
