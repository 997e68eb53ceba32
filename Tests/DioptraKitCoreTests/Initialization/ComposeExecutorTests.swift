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

  private static let container =
    #"{"workingDirectory":null,"id":"ID","image":"i","names":"n","project":null,"service":"db","state":"running"}"#

  /// - Parameter script: What `docker` does; its arguments are noted.
  /// - Returns: What the step said.
  @discardableResult
  private func perform(_ action: Step.Action, deadline: Int = 600, _ script: String) async throws -> [String] {
    // The networks exist.
    let networks = "case $1 in network) echo dioptra-deployment_dioptra; exit ;; esac"
    try scratch.write("#!/bin/sh\n\(networks)\necho \"$*\" >> \(scratch.file("calls"))\n\(script)\n", to: "docker")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: scratch.file("docker"))
    let deployment = try RenderedFolder.deployment(["docker_compose_path": "\(scratch.file("docker")) compose"])
    let engine = DockerEngine(
      id: "E", version: "28", composeVersion: "2.26", runtimes: [], dataFolder: nil,
      docker: DockerCommand(DockerCommand(for: deployment), in: scratch.path),
      api: EngineAPI(.socket(scratch.file("absent"))))
    let lines = Mutex<[String]>([])
    try await ComposeExecutor(docker: engine, deployment: deployment).perform(
      Step("step", "Do it", action: action, deadline: deadline)
    ) { line in lines.withLock { $0.append(line) } }
    return lines.withLock { $0 }
  }

  private var calls: [String] {
    get throws { try scratch.read("calls").split(separator: "\n").map(String.init) }
  }

  @Test func aServiceIsRunOnceAndSaysWhatItSays() async throws {
    #expect(try await perform(.run("db", ["one", "two"]), "echo it works") == ["it works"])
    #expect(
      try calls == [
        "compose -f \(scratch.path)/docker-compose.init.yml --progress quiet run --rm --no-deps -T db one two"
      ])
  }

  @Test func aStatusOtherThanZeroIsAFailure() async throws {
    await #expect(throws: ExecutionFailure(cause: "it ended with status 3")) {
      try await perform(.run("db", []), "exit 3")
    }
  }

  @Test func whatIsNotDoneAtItsDeadlineIsEnded() async throws {
    let start = ContinuousClock.now
    await #expect(throws: ExecutionFailure(cause: "it was not done after 1 seconds")) {
      try await perform(.run("db", []), deadline: 1, "exec sleep 900")
    }
    #expect(ContinuousClock.now - start < .seconds(800))
  }

  @Test func aServiceIsReadyWhenItsProbeSucceeds() async throws {
    try await perform(
      .start("db", readyWhen: ["probe"]),
      """
      case $1 in
        ps) echo '\(Self.container)' ;;
        exec) test -e \(scratch.file("tried")) || { touch \(scratch.file("tried")); exit 1; } ;;
        inspect) echo running 0 ;;
      esac
      """)
    #expect(try calls.filter { $0.hasPrefix("exec") } == ["exec ID probe", "exec ID probe"])
  }

  @Test func aServiceThatEndsByItselfIsNamedWithItsLog() async throws {
    await #expect(throws: ExecutionFailure(cause: "db ended by itself, with status 7")) {
      try await perform(
        .start("db", readyWhen: ["probe"]),
        "case $1 in ps) echo '\(Self.container)' ;; exec) exit 1 ;; inspect) echo exited 7 ;; esac")
    }
    #expect(try calls.contains("logs --tail 20 ID"))
  }

  @Test func aServiceThatIsNotReadyAtItsDeadlineIsNamed() async throws {
    await #expect(throws: ExecutionFailure(cause: "db was not ready after 1 seconds")) {
      try await perform(
        .start("db", readyWhen: ["probe"]), deadline: 1,
        "case $1 in ps) echo '\(Self.container)' ;; exec) exit 1 ;; inspect) echo running 0 ;; esac")
    }
  }

  @Test func aCommandRunsInTheServicesContainer() async throws {
    try await perform(.execute("db", ["psql"]), "case $1 in ps) echo '\(Self.container)' ;; esac")
    #expect(try calls.last == "exec ID psql")
    await #expect(throws: ExecutionFailure(cause: "the container of db is gone")) {
      try await perform(.execute("db", ["psql"]), "true")
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
