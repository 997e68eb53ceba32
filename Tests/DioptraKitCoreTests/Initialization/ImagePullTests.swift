import Foundation
import Synchronization
import TestSupport
import Testing

@testable import DioptraCompose
@testable import DioptraOperations
@testable import DioptraPlatform

/// Fetching images, with a script for Docker's command line.
struct ImagePullTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
  }

  private func pull(_ script: String, patience: Int = 3600) async throws -> [String] {
    try scratch.write("#!/bin/sh\ncase $1 in image) exit 1 ;; esac\n\(script)\n", to: "docker")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: scratch.file("docker"))
    let deployment = try RenderedFolder.deployment(["docker_compose_path": "\(scratch.file("docker")) compose"])
    let command = DockerCommand(for: deployment)
    let engine = DockerEngine(
      id: "E", version: "28", composeVersion: "2.26", runtimes: [], dataFolder: nil,
      docker: DockerCommand(command, in: scratch.path))
    let lines = Mutex<[String]>([])
    try await ImagePull(engine: engine, patience: patience).run(images: ["one:1", "two:2"]) { line in
      lines.withLock { $0.append(line) }
    }
    return lines.withLock { $0.sorted() }
  }

  @Test func whatItSaysIsHandedOnWithTheImagesName() async throws {
    #expect(
      try await pull("echo layer of $2") == [
        "one:1: fetching", "one:1: layer of one:1", "two:2: fetching", "two:2: layer of two:2",
      ])
  }

  @Test func aFetchThatSaysNothingHasStalled() async throws {
    let failure = await #expect(throws: ExecutionFailure.self) { try await pull("exec sleep 900", patience: 1) }
    #expect(failure?.cause.hasSuffix(": nothing came for 1 seconds") == true)
  }

  @Test func anImageThatIsNotToBeHadIsNamed() async throws {
    await #expect(throws: ExecutionFailure(cause: "two:2 cannot be fetched")) {
      try await pull("test $2 = one:1")
    }
  }
}
