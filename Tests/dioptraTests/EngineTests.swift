import Foundation
import TestSupport
import Testing

/// What `init` says about an unusable engine. A script takes the place of Docker's command line.
struct EngineTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
  }

  /// Runs `dioptra` with a `docker` that answers as a script says.
  private func dioptra(_ arguments: [String], docker script: String) async throws -> Tool.Outcome {
    try shell.scratch.write("#!/bin/sh\n\(script)\n", to: "bin/docker")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: shell.scratch.file("bin/docker"))
    return try await Tool.run(
      Tool.dioptra, arguments, environment: ["PATH": "\(shell.scratch.file("bin")):/usr/bin:/bin"],
      in: shell.scratch.path)
  }

  private static let local = "unix:///var/run/docker.sock"

  private static func engine(
    info: String, status: Int = 0, compose: String = "2.26.1", address: String = local
  ) -> String {
    """
    case "$*" in
      info*) echo '\(info)'; exit \(status) ;;
      *"version --short") \(compose.isEmpty ? "exit 1" : "echo \(compose)") ;;
      "context inspect"*) echo '\(address)' ;;
      *) exit 1 ;;
    esac
    """
  }

  private static let well = #"{"ID": "E1", "ServerVersion": "28.2.2", "Runtimes": {"runc": {}}}"#

  @Test(arguments: [
    (
      engine(info: #"{"ServerErrors": ["Cannot connect to the Docker daemon. Is it running?"]}"#, status: 1),
      "the Docker engine does not answer: Cannot connect to the Docker daemon. Is it running. Start it"
    ),
    (
      engine(info: #"{"ServerErrors": ["permission denied while trying to connect"]}"#, status: 1),
      "you are not allowed to use the Docker engine. Run the command with sudo"
    ),
    (engine(info: well, compose: ""), "Docker has no Compose. Install the package"),
    (engine(info: well, compose: "1.29.2"), "Compose 1.29.2 is too old. Install Compose 2"),
    (engine(info: #"{"host": {"buildahVersion": "1.30"}}"#), "`docker` is Podman here"),
    (
      engine(info: well, address: "ssh://lab.example.org"),
      "Docker's command line talks to another host's engine, ssh://lab.example.org"
    ),
  ])
  func anEngineThatCannotBeUsedIsNamedAfterTheFolderIsWritten(docker: String, words: String) async throws {
    let outcome = try await dioptra(["init", "lab", "--no-input"], docker: docker)
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasPrefix("dioptra: \(words)"), "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count == 1)
    #expect(outcome.output.contains("60 files written") && outcome.output.contains("Pending steps:"))
    #expect(FileManager.default.fileExists(atPath: shell.scratch.file("lab/docker-compose.yml")))
  }

  @Test func withRenderOnlyNoEngineIsAskedFor() async throws {
    let outcome = try await dioptra(["init", "lab", "--no-input", "--render-only"], docker: "exit 1")
    #expect(outcome.status == 0 && outcome.errors == "")
  }

  @Test func withoutDockerThePendingStepsAreListedAndThereIsNoError() async throws {
    let outcome = try await shell.dioptra("init", "lab", "--no-input")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("Pending steps:\n  Fetch ghcr.io/usnistgov/dioptra/nginx:1.1.0\n"))
    #expect(outcome.output.contains("Docker is not installed on this host."))
    let steps = try await shell.dioptra("steps", in: "lab")
    #expect(
      steps.status == 0
        && steps.output.contains("Cannot tell which steps are due: Docker is not installed on this host."))
    let start = try await shell.dioptra("start", in: "lab")
    #expect(start.status == 1 && start.errors.contains("Docker is not installed"))
  }
}
