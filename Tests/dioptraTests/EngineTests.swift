import Foundation
import TestSupport
import Testing

/// What `init` says about an unusable engine. A script takes the place of Docker's command line.
struct EngineTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
  }

  /// An engine that cannot be used.
  struct Unusable: Sendable, CustomTestStringConvertible {
    let words: String
    var info: StandInDocker.Answer? = StandInDocker.info
    var cases = ""
    var address = "unix:///dev/null/engine.sock"
    var compose = "2.26.1"

    var testDescription: String { words }
  }

  @Test(arguments: [
    Unusable(
      words: "the Docker engine does not answer: Not a directory. Start it", cases: #""system dial-stdio") exit 1 ;;"#),
    Unusable(words: "the engine behind `docker` does not say what it is. Use a Docker engine", info: nil),
    Unusable(words: "Docker has no Compose. Install the package", compose: ""),
    Unusable(words: "Compose 1.29.2 is too old. Install Compose 2", compose: "1.29.2"),
    Unusable(
      words: "`docker` is Podman here",
      cases: #""context inspect"*|"system dial-stdio") exit 125 ;; --version) echo "podman version 5.4.2" ;;"#),
    Unusable(
      words: "Docker's command line talks to another host's engine, ssh://lab.example.org",
      address: "ssh://lab.example.org"),
  ])
  func anEngineThatCannotBeUsedIsNamedAfterTheFolderIsWritten(engine: Unusable) async throws {
    let docker = StandInDocker(in: shell.scratch)
    try docker.write(
      engine.info.map { ["GET /info": $0] } ?? [:], cases: engine.cases, address: engine.address,
      compose: engine.compose)
    let outcome = try await dioptra(["init", "lab", "--no-input"], with: docker)
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasPrefix("dioptra: \(engine.words)"), "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count == 1)
    #expect(outcome.output.contains("60 files written") && outcome.output.contains("Pending steps:"))
    #expect(FileManager.default.fileExists(atPath: shell.scratch.file("lab/docker-compose.yml")))
  }

  private func dioptra(_ arguments: [String], with docker: StandInDocker) async throws -> Tool.Outcome {
    try await Tool.run(
      Tool.dioptra, arguments, environment: ["PATH": "\(docker.folder):/usr/bin:/bin"], in: shell.scratch.path)
  }

  @Test func withRenderOnlyNoEngineIsAskedFor() async throws {
    let docker = StandInDocker(in: shell.scratch)
    try docker.write(cases: "*) exit 1 ;;")
    let outcome = try await dioptra(["init", "lab", "--no-input", "--render-only"], with: docker)
    #expect(outcome.status == 0 && outcome.errors == "")
  }

  @Test func withoutDockerThePendingStepsAreListedAndThereIsNoError() async throws {
    let outcome = try await shell.dioptra("init", "lab", "--no-input")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("Pending steps:\n  Fetch nginx\n"))
    #expect(outcome.output.contains("Docker is not installed on this host."))
    let steps = try await shell.dioptra("steps", in: "lab")
    #expect(
      steps.status == 0
        && steps.output.contains("Cannot tell which steps are due: Docker is not installed on this host."))
    let start = try await shell.dioptra("start", in: "lab")
    #expect(start.status == 1 && start.errors.contains("Docker is not installed"))
  }
}
