import Foundation
import Synchronization
import TestSupport
import Testing

@testable import DioptraCompose
@testable import DioptraModel
@testable import DioptraPlatform
@testable import DioptraSystem

/// Steps on Compose, with a script for Docker's command line: what it is asked for, and what ends a step.
struct ComposeExecutorTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
  }

  private static let networks = ["GET /networks": #"[{"Name": "dioptra-deployment_dioptra"}]"# as StandInDocker.Answer]

  /// A started container of the service `db`.
  private static let started = networks.merging([
    "GET /containers/json":
      #"[{"Id": "ID", "Names": ["/n"], "Image": "i", "State": "running", "Labels": {"com.docker.compose.service": "db"}}]"#,
    "POST /containers/ID/exec": #"{"Id": "X"}"#, "POST /exec/X/start": "",
    "GET /exec/X/json": #"{"ExitCode": 0}"#,
  ]) { $1 }

  private var docker: StandInDocker { StandInDocker(in: scratch) }

  /// - Parameters:
  ///   - answers: What the engine answers.
  ///   - cases: What `docker` does, as cases of a shell.
  /// - Returns: What the step said.
  @discardableResult
  private func perform(
    _ action: Step.Action, deadline: Int = 600, _ answers: [String: StandInDocker.Answer] = networks,
    cases: String = "compose*) exit 0 ;;"
  ) async throws -> [String] {
    try docker.write(answers, cases: cases)
    let deployment = try RenderedFolder.deployment(
      ["docker_compose_path": "\(scratch.file(StandInDocker.path)) compose"])
    let command = DockerCommand(DockerCommand(for: deployment), in: scratch.path)
    let engine = DockerEngine(
      id: "E", version: "28", composeVersion: "2.26", runtimes: [], dataFolder: nil, docker: command,
      api: EngineAPI(.program(command.command(["system", "dial-stdio"]))))
    let lines = Mutex<[String]>([])
    try await ComposeExecutor(docker: engine, deployment: deployment).perform(
      Step("step", "Do it", action: action, deadline: deadline)
    ) { line in lines.withLock { $0.append(line) } }
    return lines.withLock { $0 }
  }

  @Test func aServiceIsRunOnceAndSaysWhatItSays() async throws {
    #expect(try await perform(.run("db", ["one", "two"]), cases: "compose*) echo it works ;;") == ["it works"])
    #expect(
      docker.calls == [
        "compose -f \(scratch.path)/docker-compose.init.yml --progress quiet run --rm --no-deps -T db one two"
      ])
  }

  @Test func aStatusOtherThanZeroIsAFailure() async throws {
    await #expect(throws: ExecutionFailure(cause: "it ended with status 3")) {
      try await perform(.run("db", []), cases: "compose*) exit 3 ;;")
    }
  }

  @Test func whatIsNotDoneAtItsDeadlineIsEnded() async throws {
    let start = ContinuousClock.now
    await #expect(throws: ExecutionFailure(cause: "it was not done after 1 seconds")) {
      try await perform(.run("db", []), deadline: 1, cases: "compose*) exec sleep 900 ;;")
    }
    #expect(ContinuousClock.now - start < .seconds(800))
  }

  @Test func aServiceIsReadyWhenItsProbeSucceeds() async throws {
    var answers = Self.started
    answers["GET /exec/X/json"] = [#"{"ExitCode": 1}"#, #"{"ExitCode": 0}"#]
    answers["GET /containers/ID/json"] = #"{"Image": "i", "State": {"Status": "running", "ExitCode": 0}}"#
    try await perform(.start("db", readyWhen: ["probe"]), answers)
    #expect(docker.requests.count { $0.hasPrefix("POST /containers/ID/exec") && $0.contains(#""Cmd":["probe"]"#) } == 2)
  }

  @Test func aServiceThatEndsByItselfIsNamedWithItsLog() async throws {
    var answers = Self.started
    answers["GET /exec/X/json"] = #"{"ExitCode": 1}"#
    answers["GET /containers/ID/json"] = #"{"Image": "i", "State": {"Status": "exited", "ExitCode": 7}}"#
    await #expect(throws: ExecutionFailure(cause: "db ended by itself, with status 7")) {
      try await perform(.start("db", readyWhen: ["probe"]), answers)
    }
    #expect(docker.requests.contains("GET /containers/ID/logs?stdout=1&stderr=1&tail=20"))
  }

  @Test func aServiceThatIsNotReadyAtItsDeadlineIsNamed() async throws {
    var answers = Self.started
    answers["GET /exec/X/json"] = #"{"ExitCode": 1}"#
    answers["GET /containers/ID/json"] = #"{"Image": "i", "State": {"Status": "running", "ExitCode": 0}}"#
    await #expect(throws: ExecutionFailure(cause: "db was not ready after 1 seconds")) {
      try await perform(.start("db", readyWhen: ["probe"]), deadline: 1, answers)
    }
  }

  @Test func aCommandRunsInTheServicesContainerAndSaysWhatItSays() async throws {
    var answers = Self.started
    // A frame of standard output, then one of standard error.
    answers["POST /exec/X/start"] = "\u{1}\0\0\0\0\0\0\u{6}one\ntw\u{2}\0\0\0\0\0\0\u{2}x\n\u{1}\0\0\0\0\0\0\u{1}o"
    #expect(try await perform(.execute("db", ["psql", "-c", "x"]), answers) == ["one", "x", "two"])
    #expect(docker.requests.contains { $0.hasPrefix("POST /containers/ID/exec") && $0.contains(#"["psql","-c","x"]"#) })
    answers["GET /exec/X/json"] = #"{"ExitCode": 4}"#
    await #expect(throws: ExecutionFailure(cause: "it ended with status 4")) {
      try await perform(.execute("db", ["psql"]), answers)
    }
    await #expect(throws: ExecutionFailure(cause: "the container of db is gone")) {
      try await perform(.execute("db", ["psql"]), ["GET /containers/json": "[]"])
    }
  }

  @Test func whatLooksIntoVolumesSeesNothingElse() throws {
    let deployment = try RenderedFolder.deployment()
    let engine = DockerEngine(
      id: "E", version: "28", composeVersion: "2.26", runtimes: [], dataFolder: nil,
      docker: DockerCommand(for: deployment), api: EngineAPI(.socket(scratch.file("absent"))))
    let sandbox = Program.Sandbox(
      image: "image", mounts: [VolumeMount("v", at: "/v"), VolumeMount("w", at: "/w", isReadOnly: false)], isRoot: true,
      deployment: "id")
    #expect(
      engine.command(for: Program(["cat", "/v/a"], in: .alone(sandbox)), isInteractive: true).arguments == [
        "docker", "run", "--rm", "--interactive", "--log-driver", "none", "--network", "none", "--pull", "never",
        "--user", "root", "--label", "org.dioptrakit.deployment=id", "--volume", "v:/v:ro", "--volume", "w:/w:rw",
        "--entrypoint", "cat", "image", "/v/a",
      ])
  }
}
