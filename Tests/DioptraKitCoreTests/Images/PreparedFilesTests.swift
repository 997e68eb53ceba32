import Foundation
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraPlatform
@testable import DioptraSystem

/// What runs in containers that keep built files and put them into volumes, run for real with folders for the volumes.
struct PreparedFilesTests {
  private let scratch: Scratch
  private let engine = FakeEngine()
  private let prepared: PreparedFiles
  private let archive: Data
  private var digest: String { Digest(of: Array(archive)).hexadecimal }

  init() async throws {
    scratch = try Scratch()
    prepared = PreparedFiles(on: engine, image: "tool:1", for: "00000000000000ff")
    try scratch.write("a page", to: "built/index.html")
    try scratch.write("a script", to: "built/assets/main.js")
    for place in ["prepared", "files"] { try scratch.write("", to: "\(place)/.old") }
    let made = try await Tool.run(
      "tar", ["--numeric-owner", "-C", scratch.file("built"), "-cf", scratch.file("built.tar"), "."])
    try #require(made.succeeded)
    archive = try Data(contentsOf: URL(filePath: scratch.file("built.tar")))
    engine.change {
      $0.answers = ["bash": .init(), "sha256sum": .init()]
      $0.volumes = [
        PreparedFiles.volume: VolumeFacts(name: PreparedFiles.volume, owner: nil, ownInstance: nil, createdAt: nil)
      ]
    }
  }

  /// Runs the program that the engine got last.
  private func runForReal(reading path: String? = nil) async throws -> Tool.Outcome {
    let program = try #require(engine.world.programs.last)
    let words = program.arguments.map { word in
      word.replacing("/prepared/", with: scratch.file("prepared") + "/").replacing(
        "/files", with: scratch.file("files"))
    }
    let input = scratch.file(path ?? "prepared/.old")
    return try await Tool.run("bash", ["-c", "exec \"$@\" < \"$0\"", input] + words)
  }

  private func add(digest: String) async throws {
    var bytes: [UInt8]? = Array(archive)
    try await prepared.add("key", digest: digest) {
      defer { bytes = nil }
      return bytes
    }
  }

  @Test func whatIsAddedIsFoundByItsDigestAndPutIntoAVolume() async throws {
    try await add(digest: digest)
    #expect(try await runForReal(reading: "built.tar").succeeded)
    #expect(try scratch.files(below: "prepared").keys.sorted() == [".old", "key.tar"])
    _ = try await prepared.digest(of: "key")
    #expect(try await runForReal().output.hasPrefix("\(digest)  "))
    try await prepared.fill("volume", from: "key", within: 5)
    #expect(try await runForReal().succeeded)
    #expect(try scratch.files(below: "files").keys.sorted() == ["assets/main.js", "index.html"])
    #expect(try scratch.read("files/index.html") == "a page")
  }

  @Test func otherBytesAreNotAdded() async throws {
    try await add(digest: String(repeating: "0", count: 64))
    #expect(try await runForReal(reading: "built.tar").status == 1)
    #expect(try scratch.files(below: "prepared")["key.tar"] == nil)
  }

  @Test func whatIsNotThereHasNoDigest() async throws {
    _ = try await prepared.digest(of: "key")
    #expect(try await !runForReal().succeeded)
  }

  /// The volume is only looked into, and nothing else is seen.
  @Test func thePreparedFilesAreReadOnlyWhereTheyAreUsed() async throws {
    try await prepared.fill("volume", from: "key", within: 5)
    let program = try #require(engine.world.programs.last)
    let mounts = [
      VolumeMount(PreparedFiles.volume, at: "/prepared", isReadOnly: true),
      VolumeMount("volume", at: "/files", isReadOnly: false),
    ]
    #expect(
      program.place
        == .alone(
          Program.Sandbox(image: "tool:1", mounts: mounts, isRoot: true, deployment: "00000000000000ff")))
  }
}
