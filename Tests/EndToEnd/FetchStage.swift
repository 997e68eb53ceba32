import Foundation
import Subprocess
import TestSupport
import Testing

/// A rendered folder, some of whose images a registry of the tests has. Only the steps that fetch these are run.
struct FetchStage {
  let folder: String
  private let scratch: Scratch
  private let environment: [String: String]

  /// - Parameters:
  ///   - images: Names of images in the registry, by the variable that chooses them.
  ///   - environment: What programs need to reach the engine.
  init(
    _ images: [String: String], from registry: Registry, environment: [String: String] = Engine.environment,
    setting others: [String] = []
  ) async throws {
    scratch = try Scratch()
    folder = scratch.file("fetching")
    self.environment = environment
    let choices = images.map { "\($0)=\(registry.address)/\($1)" } + others + ["project_slug=fetching"]
    let made = try await Tool.run(
      Tool.dioptra,
      ["init", folder, "--no-input", "--render-only"] + choices.sorted().flatMap { ["--set", $0] })
    try #require(made.succeeded, "\(made.errors)")
  }

  /// The step that fetches an image.
  static func step(_ image: String) -> String { "image.\(image.prefix { $0 != ":" })" }

  func fetch(_ images: String...) async throws -> Tool.Outcome {
    try await Tool.run(
      Tool.dioptra, ["steps", "--run"] + images.map(Self.step), environment: environment, in: folder)
  }

  /// The same, with what it says while it runs.
  func run(_ images: String..., interruptedDuring last: String? = nil) async throws -> ProgramRun {
    try await ProgramRun.dioptra(
      ["steps", "--run"] + images.map(Self.step), in: folder, environment: environment,
      signal: last == nil ? nil : .interrupt, during: last.map(Self.step))
  }

  /// The same on a terminal.
  ///
  /// - Returns: What stood on the screen once a second, and all of it at the end.
  func record(_ images: [String], columns: Int, to name: String) async throws -> String {
    let place = URL(filePath: Tool.dioptra).deletingLastPathComponent().appending(path: "recordings").path()
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    let recorded = try await Tool.run(
      "python3",
      [Companion.rig("record.py"), String(columns), "\(place)/\(name)", Tool.dioptra, "steps", "--run"]
        + images.map(Self.step), environment: environment, in: folder)
    try #require(recorded.succeeded, "\(recorded.errors)")
    return try String(contentsOfFile: "\(place)/\(name)", encoding: .utf8)
  }

  /// The images are gone from the engine.
  func forget(_ images: String..., of registry: Registry) async throws {
    for image in images {
      _ = try await Tool.run("docker", ["rmi", "\(registry.address)/\(image)"], environment: environment)
    }
  }
}
