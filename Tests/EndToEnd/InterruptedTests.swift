import Foundation
import Subprocess
import TestSupport
import Testing

extension EndToEnd {
  /// Failures in the middle, after which the next `init` resumes.
  @Suite struct Interrupted {
    private let stage = Stage.shared

    @Test(arguments: [
      "trust.nginx", "volumes.prepare", "minio.start", "minio.setup", "postgres.start", "postgres.access",
      "restapi.start", "frontend.fetch", "frontend.build", "workers.account",
    ])
    func killedInAnyStepTheNextInitResumesThere(step: String) async throws {
      try await stage.stopped()
      let killed = try await ProgramRun.dioptra(
        ["steps", "--run", step], in: stage.folder, signal: .kill, during: step)
      try #require(killed.started.contains(step))
      // A step may be over before the signal comes.
      let wasCut = killed.status == 137 && !killed.events.contains { $0.event == "ended" && $0.step == step }
      let next = try await ProgramRun.dioptra(["init"], in: stage.folder)
      #expect(next.status == 0, "\(next.errors)")
      #expect(next.started.contains(step) == wasCut)
      #expect(try await stage.leftovers() == [])
    }

    @Test func anInterruptionEndsWhatWasStarted() async throws {
      try await stage.stopped()
      let stopped = try await ProgramRun.dioptra(
        ["steps", "--from", "postgres.start"], in: stage.folder, signal: .interrupt, during: "restapi.start")
      #expect(stopped.status == 130)
      #expect(stopped.errors.contains("interrupted"))
      #expect(try await stage.leftovers() == [])
      try await stage.dioptra("init")
    }

    @Test func whenTheEngineIsGoneTheNextRunCleansUpAndResumes() async throws {
      try await stage.stopped()
      let scratch = try Scratch()
      let address = try #require(Engine.address?.split(separator: "://").last)
      let proxy = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Rigs/proxy.py").path()
      let socket = scratch.file("engine")
      async let proxied = Tool.run("timeout", ["60", "python3", proxy, socket, String(address), scratch.file("gone")])
      while !FileManager.default.fileExists(atPath: socket) { try await Task.sleep(for: .milliseconds(50)) }
      let environment = Engine.environment.merging(["DOCKER_HOST": "unix://\(socket)"]) { $1 }
      async let run = ProgramRun.dioptra(
        ["steps", "--from", "postgres.start"], in: stage.folder, environment: environment)
      try await Task.sleep(for: .seconds(4))
      try scratch.write("", to: "gone")
      let broken = try await run
      _ = try await proxied
      #expect(broken.status == 1)
      let next = try await ProgramRun.dioptra(["init"], in: stage.folder)
      #expect(next.status == 0, "\(next.errors)")
      #expect(try await stage.leftovers() == [])
    }

    @Test func ofTwoAtOnceOneWorksAndTheOtherNamesIt() async throws {
      try await stage.stopped()
      async let first = ProgramRun.dioptra(["steps", "--run", "workers.account"], in: stage.folder)
      try await Task.sleep(for: .seconds(2))
      let second = try await stage.dioptra("init", status: 75)
      #expect(second.errors.contains("`dioptra steps`"))
      #expect(try await first.status == 0)
    }

    @Test func aServerThatIsSlowToListenIsAwaited() async throws {
      try await stage.stopped()
      let file = URL(filePath: "\(stage.folder)/docker-compose.init.yml")
      let text = try String(contentsOf: file, encoding: .utf8)
      let line = "      MINIO_ROOT_USER: ${MINIO_ROOT_USER}\n"
      try Data(text.replacing(line, with: line + "      STAND_IN_DELAY: \"15\"\n", maxReplacements: 1).utf8).write(
        to: file)
      let run = try await ProgramRun.dioptra(["steps", "--run", "minio.setup"], in: stage.folder)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.seconds["minio.start", default: 0] > 14)
      try Data(text.utf8).write(to: file)
    }

    @Test func anImageThatIsNotToBeHadIsNamed() async throws {
      try await stage.stopped()
      try await stage.dioptra("config", "set", "redis_image=redis:0.0.0")
      let outcome = try await stage.dioptra("init", status: 1)
      #expect(outcome.errors.contains("the step image.redis failed"))
      #expect(outcome.errors.contains("redis:0.0.0 cannot be fetched"))
      #expect(outcome.errors.contains("dioptra config set redis_image=…"))
      try await stage.dioptra("config", "set", "redis_image=redis:7.2.6")
      try await stage.dioptra("init")
    }
  }
}
