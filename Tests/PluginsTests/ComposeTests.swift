import DioptraKitCore
import Foundation
import TestSupport
import Testing

/// Docker Compose reads the files, and says what it understood.
@Suite(.needsCompose)
struct ComposeTests {
  @Test(arguments: ComposeVariant.all)
  func composeHasNothingToComplainAbout(variant: ComposeVariant) async throws {
    let folder = try RenderedFolder(variant.values, disabled: variant.disabled)
    for file in ["docker-compose.yml", "docker-compose.init.yml"] {
      #expect(try await Compose.run(["config", "-q"], files: [file], in: folder.path) == "")
    }
  }

  @Test(arguments: ComposeVariant.all)
  func composeSeesTheServicesOfTheBlueprint(variant: ComposeVariant) async throws {
    let folder = try RenderedFolder(variant.values, disabled: variant.disabled)
    let seen = try await Compose.project(["docker-compose.yml"], in: folder.path)
    expect(seen, ComposeProject(running: folder))
  }

  @Test(arguments: ComposeVariant.all)
  func composeSeesTheInitServicesOfTheBlueprint(variant: ComposeVariant) async throws {
    let folder = try RenderedFolder(variant.values, disabled: variant.disabled)
    let seen = try await Compose.project(["docker-compose.init.yml"], in: folder.path)
    expect(seen, ComposeProject(initializing: folder))
  }

  @Test(arguments: ComposeVariant.all)
  func anUnchangedCopyOfTheOverrideTemplateChangesNothing(variant: ComposeVariant) async throws {
    let folder = try RenderedFolder(variant.values, disabled: variant.disabled)
    let template = try folder.scratch.read("docker-compose.override.yml.template")
    try folder.scratch.write(template, to: "docker-compose.override.yml")
    expect(try await Compose.project([], in: folder.path), ComposeProject(running: folder))
  }

  @Test(arguments: [ComposeVariant("CPUs"), ComposeVariant("CPUs and GPUs", ComposeFile.gpus)])
  func theExamplesOfTheOverrideTemplateWorkOnceUncommented(variant: ComposeVariant) async throws {
    let folder = try RenderedFolder(variant.values)
    let template = try folder.scratch.read("docker-compose.override.yml.template").split(separator: "\n")
    let examples = template.drop { $0 != "# services:" }.map { $0.dropFirst(2) }.joined(separator: "\n")
    try folder.scratch.write(examples, to: "docker-compose.override.yml")
    let project = try await Compose.project([], in: folder.path)
    for (name, service) in project.services where name.contains("pu-") {
      let data = ComposeProject.Service.Mount(
        type: "volume", source: "dioptra-data", target: "/dioptra/data", readOnly: true)
      #expect(service.volumes?.contains(data) == true)
      #expect(service.environment?["NVIDIA_VISIBLE_DEVICES"] == (name.contains("gpu-") ? "all" : nil))
    }
  }

  /// Shows the names of all services that differ, and the first of them as a whole.
  private func expect(_ seen: ComposeProject, _ wanted: ComposeProject) {
    let names = Set(seen.services.keys).union(wanted.services.keys).sorted()
    let different = names.filter { seen.services[$0] != wanted.services[$0] }
    #expect(different == [])
    if let name = different.first { #expect(seen.services[name] == wanted.services[name]) }
    #expect(seen.networks == wanted.networks)
    #expect(seen.volumes == wanted.volumes)
  }
}

/// Docker's plug-in.
enum Compose {
  /// Runs Compose, which must have nothing to complain about.
  ///
  /// - Parameter files: The files to read; those that Compose finds by itself when empty.
  static func run(_ arguments: [String], files: [String], in folder: String) async throws -> String {
    let outcome = try await Tool.run("docker", ["compose"] + files.flatMap { ["-f", $0] } + arguments, in: folder)
    #expect(outcome.succeeded)
    #expect(outcome.errors == "")
    return outcome.output
  }

  static func project(_ files: [String], in folder: String) async throws -> ComposeProject {
    // The answer is a Compose file again: a dollar sign is doubled.
    let json = try await run(["config", "--format", "json"], files: files, in: folder)
      .replacingOccurrences(of: "$$", with: "$", options: .literal)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    var project = try decoder.decode(ComposeProject.self, from: Data(json.utf8))
    // Compose's own network, for services that join none of the deployment's.
    project.networks["default"] = nil
    return project
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips the test where `docker compose` does not work; never in CI. A `docker` without the plug-in does not count.
  static var needsCompose: Self {
    .enabled("Compose v2 is not installed; .ci/prepare installs it") {
      if Tool.isStrict { return true }
      return (try? await Tool.run("docker", ["compose", "version"]))?.succeeded == true
    }
  }
}
