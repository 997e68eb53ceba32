import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// What a backup brings back, and what happens when that is interrupted.
  @Suite struct BackingUp {
    private let stage = Stage.shared

    @Test func everythingComesBackAfterFolderAndVolumesAreLost() async throws {
      try await stage.up()
      let person = try API(scratch: Scratch(), base: "http://localhost")
      try await person.register("grace")
      _ = try await stage.execute("tfcpu-01", "python", "-", input: Running.artifact)
      try await query("CREATE TABLE kept (value int); INSERT INTO kept VALUES (42); CREATE ROLE guest LOGIN")

      let scratch = try Scratch()
      try scratch.write("correct horse", to: "passphrase")
      let (file, passphrase) = (scratch.file("lab.dioptra-backup"), scratch.file("passphrase"))
      let start = ContinuousClock.now
      try await stage.dioptra("backup", file, "--passphrase-file", passphrase)
      figure("backup of a running deployment", (ContinuousClock.now - start).text)
      let recorded = try await Tool.run(
        "sqlite3",
        ["\(stage.folder)/.dioptra/state.db", "SELECT path, encrypted FROM backup ORDER BY run DESC LIMIT 1"])
      #expect(recorded.output == "\(file)|1\n")
      let secrets = try await stage.secretFiles()
      let refused = try await stage.dioptra(
        "restore", file, "--passphrase-file", passphrase, "--overwrite", status: 1)
      #expect(refused.errors.contains("Stop the deployment with `dioptra stop`"))

      try await stage.wipe()
      try await stage.removeVolumes(of: "dioptra-deployment")
      try FileManager.default.removeItem(atPath: stage.folder)
      let beginning = ContinuousClock.now
      let restored = try await Tool.run(
        Tool.dioptra, ["restore", file, stage.folder, "--passphrase-file", passphrase],
        environment: Engine.environment, in: stage.place)
      try #require(restored.succeeded, "\(restored.output) \(restored.errors)")
      figure("restore of everything", (ContinuousClock.now - beginning).text)
      #expect(try await stage.leftovers() == [])
      #expect(try await stage.secretFiles() == secrets)
      try await stage.dioptra("history", "verify")
      try await stage.up()

      #expect(try await person.logIn("grace") == "200")
      #expect(try await query("SELECT value FROM kept") == "42\n")
      #expect(try await query("SELECT rolname FROM pg_roles WHERE rolname = 'guest'") == "guest\n")
      let listed = try await stage.execute("pytorchcpu-01", "python", "-", input: Keeping.listing)
      #expect(listed.output.contains("note.txt"), "\(listed.errors)")
      let worker = try await stage.execute("tfcpu-01", "python", "-", input: Running.artifact)
      #expect(worker.output.contains("artifacts: ['note.txt']"), "\(worker.errors)")
      try await stage.dioptra("drift", "--engine")
    }

    @Test func aRestorationThatIsKilledHoldsTheDeploymentUntilItIsFinished() async throws {
      try await stage.stopped()
      let scratch = try Scratch()
      let file = scratch.file("lab.dioptra-backup")
      try await stage.dioptra("backup", file)
      #expect(try await stage.leftovers() == [])
      let refused = try await stage.dioptra("restore", file, status: 1)
      #expect(refused.output.contains("dioptra-deployment_postgres-data"))

      try await stage.dioptra("restore", file, "--only-data", "--overwrite")

      // As soon as it has begun; starting the database alone takes longer.
      let kill = """
        "$0" restore "$1" --overwrite & restore=$!
        until [[ -e .dioptra/restoring ]]; do kill -0 $restore || exit 1; sleep 0.02; done
        sleep 0.5; kill -KILL $restore; wait $restore
        """
      let killed = try await Tool.run(
        "bash", ["-c", kill, Tool.dioptra, file], environment: Engine.environment, in: stage.folder)
      try #require(killed.status == 137)
      for command in ["start", "init", "backup"] {
        let held = try await stage.dioptra(command, status: 1)
        #expect(held.errors.contains("dioptra restore \(file)"), "\(command)")
      }
      try await stage.dioptra("restore", file)
      #expect(try await stage.leftovers() == [])
      try await stage.dioptra("history", "verify")
      try await stage.dioptra("drift")
    }

    @discardableResult
    private func query(_ text: String) async throws -> String {
      let answer = try await stage.execute("db", "psql", "-U", "postgres", "-d", "restapi", "-Atc", text)
      try #require(answer.succeeded, "\(answer.errors)")
      return answer.output
    }
  }
}
